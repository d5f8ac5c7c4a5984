// One cell of the benchmark of designs: a GPU produces, another GPU and a NIC consume, and a CPU
// looks now and then, on one machine and under one design, as a scenario that anybody can run.
import { writeYaml } from "@faultline/diagnostics";
import { type Profile, shippedProfile } from "@faultline/profiles";
import type { ProfileChoice } from "@faultline/scenario";
import { machineFile, type ShippedMachine } from "../machines/shipped-machine.ts";

/** A machine with the prices of its GPUs. */
export interface DesignMachine {
  readonly name: string;
  readonly file: ShippedMachine;
  readonly profile: string;
  readonly what: string;
}

/** Machines of the benchmark: on all of them `gpu0`, `gpu1` and `nic0` take part. */
export const DESIGN_MACHINES: readonly DesignMachine[] = [
  {
    name: "mi300x",
    file: "mi300x-node",
    profile: "amd-mi300x-xnack-pcie",
    what: "an MI300X node, GPUs on XGMI",
  },
  {
    name: "xe",
    file: "xe-pair-nic",
    profile: "intel-xe-svm-nothp",
    what: "two Arc cards on PCIe",
  },
];

/** Who drives the GPUs. */
export const DESIGN_DRIVERS = ["vendor", "ideal"] as const;
/**
 * One of them: the vendor's driver, or one that uses a page where it is as soon as it may, and
 * whose program has the producer pull the buffer at first and after each look of the CPU.
 */
export type DesignDriver = (typeof DESIGN_DRIVERS)[number];

/** A design that was proposed as a whole. */
export interface ProposedDesign {
  readonly name: string;
  readonly what: string;
  readonly designs: Readonly<Record<string, string>>;
}

/** Linux 7.2 and the five. */
export const PROPOSED_DESIGNS: readonly ProposedDesign[] = [
  { name: "7.2", what: "owners as each driver forms them", designs: {} },
  { name: "same-owner", what: "an owner for each device", designs: { preset: "same-owner" } },
  { name: "owner-groups", what: "an owner for a clique", designs: { preset: "owner-groups" } },
  { name: "p2p-allow", what: "a callback of the caller allows", designs: { preset: "p2p-allow" } },
  { name: "p2p-op", what: "private pages become P2P pages", designs: { preset: "p2p-op" } },
  {
    name: "private-outside-physical",
    what: "private pages in a space of their own",
    designs: { preset: "private-outside-physical" },
  },
];

/** What a cell measures. */
export interface DesignCell {
  readonly machine: DesignMachine;
  readonly driver: DesignDriver;
  readonly design: ProposedDesign;
  /** Rounds after the first. */
  readonly rounds: number;
}

/** Who takes part. */
export const PRODUCER = "gpu0";
/** It reads what the producer has written. */
export const CONSUMER = "gpu1";
/** So does the NIC. */
export const DESIGN_NIC = "nic0";

const NIC_PROFILE = "nic-mlx5-odp";
/** What a page takes where it is reached: 4 KiB at 400 Gbit/s, whichever way. */
const PACE = "82ns";
/** 2 MiB in single pages: the designs differ in what they do about those. */
const NR_PAGES = 512;
/** A CPU reads the first pages of the buffer once in so many rounds. */
const CPU_ROUNDS = 10;
const CPU_PAGES = 16;

/** Steps of a round, after `mmap` and the first write. */
export const DESIGN_STEPS: number = 5;
/** Steps before the first round. */
export const DESIGN_STEPS_BEFORE: number = 2;

/** The scenario of a cell, as YAML. */
export function designScenario({ machine, driver, design, rounds }: DesignCell): string {
  const touch = (device: string, access: string): object => {
    // A driver that serves single pages is only used with many faults at a time.
    const few = driver === "ideal" && device !== DESIGN_NIC ? {} : { outstanding: 1 };
    return { do: "workload", device, at: "buffer", access, ...few, pause: PACE };
  };
  const pull = { do: "migrate_to_device", device: PRODUCER, at: "buffer" };
  // Rounds have the same number of steps; what one leaves out takes no time.
  const nothing = { do: "wait" };
  const round = (n: number): object[] => [
    driver === "ideal" && n % CPU_ROUNDS === 0 ? pull : nothing,
    touch(PRODUCER, "write"),
    touch(CONSUMER, "read"),
    touch(DESIGN_NIC, "read"),
    n % CPU_ROUNDS === CPU_ROUNDS - 1 ? { do: "read", at: "buffer", pages: CPU_PAGES } : nothing,
  ];
  const stack = driver === "ideal" ? "ideal" : profileOf(machine.profile)?.stack;
  return writeYaml({
    version: 1,
    title: `${machine.what}, ${driver} driver, ${design.name}`,
    profile: {
      [PRODUCER]: machine.profile,
      [CONSUMER]: machine.profile,
      [DESIGN_NIC]: NIC_PROFILE,
    },
    settings: { transparent_hugepage: "never" },
    machine: {
      file: machineFile(machine.file),
      devices: [PRODUCER, CONSUMER].map((name) => ({ name, stack })),
    },
    designs: design.designs,
    steps: [
      { do: "mmap", name: "buffer", pages: NR_PAGES },
      { do: "write", at: "buffer" },
      ...Array.from({ length: rounds + 1 }, (_, n) => round(n)).flat(),
    ],
  });
}

/** The profiles of a cell, by device. */
export function designChoice({ machine }: DesignCell): ProfileChoice {
  const byDevice = new Map<string, Profile>();
  const give = (device: string, profile: Profile | null): void => {
    if (profile !== null) byDevice.set(device, profile);
  };
  give(PRODUCER, profileOf(machine.profile));
  give(CONSUMER, profileOf(machine.profile));
  give(DESIGN_NIC, profileOf(NIC_PROFILE));
  return { all: null, byDevice };
}

function profileOf(id: string): Profile | null {
  return shippedProfile(id);
}
