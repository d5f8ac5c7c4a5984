// From `-smp` to possible CPUs with their places and ids. What is not given is filled in with one
// of each, cores taking the rest.
import type { OptionReader } from "./option-reader.ts";

/** The levels, from the outside in. */
export const CPU_LEVELS = ["sockets", "dies", "clusters", "modules", "cores", "threads"] as const;

/** One of {@link CPU_LEVELS}. */
export type CpuLevel = (typeof CPU_LEVELS)[number];

/** A possible CPU. */
export interface PossibleCpu {
  readonly index: number;
  /** Its number within the level above, by level. */
  readonly place: Readonly<Record<CpuLevel, number>>;
  /** The APIC id: each level has as many bits as its count needs. */
  readonly apicId: number;
}

/** How many CPUs of which shape. */
export interface CpuTopology {
  readonly nrPresent: number;
  readonly possible: readonly PossibleCpu[];
}

/** One CPU, as without `-smp`. */
export const ONE_CPU: CpuTopology = {
  nrPresent: 1,
  possible: possibleCpus({ sockets: 1, dies: 1, clusters: 1, modules: 1, cores: 1, threads: 1 }),
};

/** Reads `-smp`; null, and a problem, when its numbers do not fit together. */
export function readCpuTopology(reader: OptionReader): CpuTopology | null {
  reader.onlyKnows(["cpus", "maxcpus", "drawers", "books", ...CPU_LEVELS]);
  const given = new Map(CPU_LEVELS.map((level) => [level, reader.integer(level) ?? 0]));
  const cpus = reader.integer("cpus") ?? 0;
  const most = reader.integer("maxcpus") ?? cpus;
  const counts = Object.fromEntries(
    CPU_LEVELS.map((level) => [level, given.get(level) || 1]),
  ) as Record<CpuLevel, number>;
  const isOpen = (level: CpuLevel): boolean => !given.get(level) && most > 0;
  const filled = (["cores", "sockets", "threads"] as const).find(isOpen);
  if (filled !== undefined) counts[filled] = Math.max(1, Math.floor(most / product(counts)));
  const total = product(counts);
  const nrPossible = most || total;
  const nrPresent = cpus || nrPossible;
  if (nrPresent > nrPossible) {
    reader.refuse(`${nrPresent} CPUs are more than maxcpus, ${nrPossible}`, { key: "maxcpus" });
    return null;
  }
  if (total !== nrPossible) {
    const shape = CPU_LEVELS.map((level) => `${level} ${counts[level]}`).join(" × ");
    reader.refuse(`${shape} are ${total} CPUs, not maxcpus, ${nrPossible}`);
    return null;
  }
  return { nrPresent, possible: possibleCpus(counts) };
}

function product(counts: Readonly<Record<CpuLevel, number>>): number {
  return CPU_LEVELS.reduce((size, level) => size * counts[level], 1);
}

function possibleCpus(counts: Readonly<Record<CpuLevel, number>>): PossibleCpu[] {
  return Array.from({ length: product(counts) }, (_, index) => {
    const place = {} as Record<CpuLevel, number>;
    let rest = index;
    let apicId = 0;
    let shift = 0;
    for (const level of CPU_LEVELS.toReversed()) {
      const count = level === "sockets" ? Number.MAX_SAFE_INTEGER : counts[level];
      place[level] = rest % count;
      rest = Math.floor(rest / count);
      apicId += place[level] * 2 ** shift;
      if (level !== "sockets") shift += bitsFor(count);
    }
    return { index, place, apicId };
  });
}

function bitsFor(count: number): number {
  return count <= 1 ? 0 : 32 - Math.clz32(count - 1);
}
