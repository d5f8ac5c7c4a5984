// The machines that random sequences run on: two nodes with a CPU each, swap, two devices with
// private memory and one with coherent memory. Small blocks make huge pages cheap to test.

/** A kind of machine by its number; every number names one. */
export interface MachineChoice {
  readonly geometry: "x86-4k" | "power9-64k";
  readonly blockPages: number;
  readonly kernel: "7.2.12" | "7.2-fixed";
  readonly thp: "always" | "madvise" | "never";
  readonly hasSwap: boolean;
  /** So little memory that anything may fail for want of it, and only the invariants are known. */
  readonly isTiny: boolean;
}

export const DEVICE_NAMES: readonly string[] = ["gpu0", "gpu1", "coherent0"];

const THP_MODES = ["always", "madvise", "always", "never"] as const;

/** The machine of a number. Most have blocks of 32 pages, and most have the fixed kernel. */
export function chooseMachine(n: number): MachineChoice {
  const isTiny = n % 6 === 5;
  const isX86 = n % 7 === 6 && !isTiny;
  return {
    geometry: isX86 ? "x86-4k" : "power9-64k",
    blockPages: isX86 ? 512 : 32,
    kernel: n % 5 === 4 ? "7.2.12" : "7.2-fixed",
    thp: THP_MODES[n % 4] ?? "always",
    hasSwap: n % 3 !== 2 || isTiny,
    isTiny,
  };
}

/** The head of the scenario file. */
export function machineLines(choice: MachineChoice): string[] {
  const { geometry, kernel, thp, hasSwap, isTiny } = choice;
  const memory = isTiny ? "32MiB" : "1GiB";
  return [
    `kernel: ${kernel}`,
    "machine:",
    `  geometry: ${geometry}`,
    "  nodes:",
    `    - { memory: ${memory}, cpus: [0] }`,
    `    - { memory: ${memory}, cpus: [1] }`,
    ...(hasSwap ? [`  swap: ${isTiny ? "1MiB" : "64MiB"}`] : []),
    "  devices:",
    "    - { name: gpu0 }",
    "    - { name: gpu1 }",
    "    - { name: coherent0, memory_type: MEMORY_DEVICE_COHERENT }",
    "settings:",
    `  transparent_hugepage: ${thp}`,
  ];
}
