// Entries of the fault buffer of a nouveau device, and the order in which they are served. Mirrors
// nouveau_svm_fault_cmp and nouveau_svm_fault_priority of drivers/gpu/drm/nouveau/nouveau_svm.c.
import type { MmStruct } from "@faultline/core";

/** What an entry asks, by the driver's order: the weakest first. */
export const NOUVEAU_ACCESS_ORDER: readonly NouveauAccess[] = [
  "prefetch",
  "read",
  "write",
  "atomic",
];

/** One of them. */
export type NouveauAccess = "prefetch" | "read" | "write" | "atomic";

/** One entry. */
export interface NouveauFault {
  /** The address space that the channel's instance stands for. */
  readonly mm: MmStruct;
  readonly page: number;
  readonly access: NouveauAccess;
}

/**
 * By instance, then address, then access, weakest first. A comment in the kernel's loop expects the
 * strongest first.
 * @kernelpart drivers/gpu/drm/nouveau/nouveau_svm.c nouveau_svm_fault_cmp (v7.2) the whole sort
 */
export function sortFaults(faults: readonly NouveauFault[]): NouveauFault[] {
  return faults.toSorted(
    (a, b) =>
      a.mm.mmId - b.mm.mmId || a.page - b.page || accessOrder(a.access) - accessOrder(b.access),
  );
}

/** Position of an access in the order. */
export function accessOrder(access: NouveauAccess): number {
  return NOUVEAU_ACCESS_ORDER.indexOf(access);
}
