// Which way the data of a run went, in bytes: copies between memories, and accesses of devices.
import type { Traffic } from "@faultline/sim";

/** Bytes that went one way. */
export interface MovedBytes {
  /** `copied` from one memory to another, or `touched` by a device where they are. */
  readonly how: "copied" | "touched";
  /** The memory or the device that the bytes came from, as the machine names it. */
  readonly from: string;
  /** Where copies went; for touched bytes the way to the page: `local`, `bus-address`, … */
  readonly to: string;
  readonly bytes: number;
}

/** What memory of the CPUs is called. */
const SYSTEM = "system";

/** The traffic of a run, copies first, in the order of the names. */
export function movedBytes(
  traffic: Traffic,
  pageBytes: number,
  nameOf: (device: number) => string,
): MovedBytes[] {
  const memory = (device: number | null): string => (device === null ? SYSTEM : nameOf(device));
  const copied = traffic.copied().map(({ from, to, nrPages }): MovedBytes => {
    return { how: "copied", from: memory(from), to: memory(to), bytes: nrPages * pageBytes };
  });
  const touched = traffic.touched().map(({ device, way, nrPages }): MovedBytes => {
    return { how: "touched", from: nameOf(device), to: way, bytes: nrPages * pageBytes };
  });
  return [...copied, ...touched].sort((one, other) => {
    const [a, b] = [wayText(one), wayText(other)];
    return a < b ? -1 : a > b ? 1 : 0;
  });
}

/** `copied gpu0 → system`, `gpu1 touched local`. */
export function wayText({ how, from, to }: Omit<MovedBytes, "bytes">): string {
  return how === "copied" ? `copied ${from} → ${to}` : `${from} touched ${to}`;
}
