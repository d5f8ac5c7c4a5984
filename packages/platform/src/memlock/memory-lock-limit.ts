// How much memory libvirt lets a QEMU process lock, and out of which terms the number is made.
// Facts: libvirt 12.8 and 9.0, qemuDomainGetMemLockLimitBytes. All arithmetic is in KiB, in
// unsigned 64-bit integers; the result in bytes is the sum times 1024.
import type { LockLimitDomain } from "./lock-limit-domain.ts";
import { genericTerms } from "./generic-terms.ts";
import { ppc64Terms } from "./ppc64-terms.ts";

/** The libvirt to behave like; they differ in how NVMe disks count where there is no vIOMMU. */
export type LibvirtVersion = "12.8" | "9.0";

/** How to calculate. */
export interface LockLimitOptions {
  /** @defaultValue "12.8" */
  readonly version?: LibvirtVersion;
  /** As if one VFIO device more were coming (9.0's hotplug); 12.8 ignores it. */
  readonly forceVfio?: boolean;
}

/** One line of the explanation. */
export interface LockLimitTerm {
  readonly name: string;
  /** In words and symbols, such as `maxMemory / 128`. */
  readonly formula: string;
  /** The same with this domain's numbers. */
  readonly numbers: string;
  readonly kib: bigint;
  /** Whether the term is in the sum; false for the smaller side of a maximum. */
  readonly counts: boolean;
  readonly why: string;
}

/** Which of libvirt's four rules decided, in the order in which they are tried. */
export type LockLimitRule = "hard_limit" | "locked" | "ppc64" | "generic";

/** The limit. */
export interface LockLimit {
  readonly rule: LockLimitRule;
  /** 0: libvirt sets no limit. */
  readonly limitBytes: bigint;
  readonly isUnlimited: boolean;
  /** What the limit is the sum of; the terms that count add up to it. */
  readonly terms: readonly LockLimitTerm[];
}

/** The number that stands for no limit: 2^53 - 1, which libvirt uses as bytes here. */
export const MEMORY_PARAM_UNLIMITED: bigint = (1n << 53n) - 1n;

/** Calculates the limit of a domain. */
export function memoryLockLimit(
  domain: LockLimitDomain,
  { version = "12.8", forceVfio = false }: LockLimitOptions = {},
): LockLimit {
  if (domain.hardLimitKib !== null) return sumOf("hard_limit", [hardLimitTerm(domain)]);
  if (domain.isLocked) {
    const limitBytes = MEMORY_PARAM_UNLIMITED;
    return { rule: "locked", limitBytes, isUnlimited: true, terms: [] };
  }
  const isForced = forceVfio && version === "9.0";
  return usesPpc64Rule(domain)
    ? sumOf("ppc64", ppc64Terms(domain, isForced))
    : sumOf("generic", genericTerms(domain, version, isForced));
}

/** Whether the POWER formula applies: to KVM guests only; emulated ones are like any other. */
export function usesPpc64Rule({ arch, type }: LockLimitDomain): boolean {
  return (arch === "ppc64" || arch === "ppc64le") && type === "kvm";
}

function hardLimitTerm({ hardLimitKib }: LockLimitDomain): LockLimitTerm {
  const kib = hardLimitKib ?? 0n;
  return {
    name: "hard limit",
    formula: "hard_limit",
    numbers: String(kib),
    kib,
    counts: true,
    why: "what the domain says goes before every rule",
  };
}

function sumOf(rule: LockLimitRule, terms: readonly LockLimitTerm[]): LockLimit {
  const kib = terms.reduce((sum, term) => (term.counts ? sum + term.kib : sum), 0n);
  return { rule, limitBytes: BigInt.asUintN(64, kib << 10n), isUnlimited: false, terms };
}
