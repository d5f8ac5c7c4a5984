// One cell of the RDMA benchmark: a GPU and a NIC hand a buffer to each other, round by round, on
// one machine and under one design, as a scenario that anybody can run.
import { writeYaml } from "@faultline/diagnostics";
import { type Profile, shippedProfile, shippedProfileIds } from "@faultline/profiles";
import type { ProfileChoice } from "@faultline/scenario";
import { machineFile, type ShippedMachine } from "../machines/shipped-machine.ts";

/** Where the two sit. */
export const RDMA_MACHINES: readonly RdmaMachine[] = [
  { name: "switch", file: "switch-box", gpu: "gpu0", what: "below one switch, no ACS" },
  { name: "switch-acs", file: "switch-box-acs", gpu: "gpu0", what: "below one switch, ACS on" },
  { name: "root-ports", file: "two-root-ports-nic", gpu: "gpu0", what: "two root ports, Zen" },
  { name: "sockets", file: "two-sockets", gpu: "gpu1", what: "two sockets, Haswell" },
];

/** A machine of the benchmark. */
export interface RdmaMachine {
  readonly name: string;
  readonly file: ShippedMachine;
  /** The GPU whose memory the NIC uses; the NIC is `nic0`. */
  readonly gpu: string;
  readonly what: string;
}

/** How a NIC gets at memory of a GPU. */
export interface RdmaDesign {
  readonly name: string;
  readonly what: string;
  readonly designs: Readonly<Record<string, string>>;
}

/** Linux 7.2's way first. */
export const RDMA_DESIGNS: readonly RdmaDesign[] = [
  { name: "7.2", what: "pages migrate to system memory", designs: {} },
  {
    name: "v2",
    what: "the posted series: single pages become P2P pages",
    designs: { "hmm.p2pOp": "v2" },
  },
  {
    name: "v2-pmd",
    what: "the same, for huge pages too",
    designs: { "hmm.p2pOp": "v2", "hmm.p2pOp.scope": "pmd" },
  },
  {
    name: "target-aware",
    what: "the op knows who asks, huge pages too",
    designs: { "hmm.p2pOp": "targetAware", "hmm.p2pOp.scope": "pmd" },
  },
];

/** What is handed over: sixteen single pages, or one huge page. */
export const RDMA_SIZES = ["64KiB", "2MiB"] as const;
/** One of them. */
export type RdmaSize = (typeof RDMA_SIZES)[number];

/** A GPU with its driver and prices. */
export interface RdmaGpu {
  readonly name: string;
  readonly profile: Profile;
  /** A driver that the profile does not name itself. */
  readonly stack?: "nouveau";
}

/** What a cell measures. */
export interface RdmaCell {
  readonly gpu: RdmaGpu;
  readonly machine: RdmaMachine;
  readonly design: RdmaDesign;
  readonly size: RdmaSize;
  /** Rounds after the first. */
  readonly rounds: number;
}

/** The NIC of every machine. */
export const RDMA_NIC = "nic0";
/** Its prices. */
const NIC_PROFILE = "nic-mlx5-odp";

/** What a page takes where it is reached: 4 KiB at 400 Gbit/s, whichever way. */
const PACE = "82ns";
const SHAPES: Readonly<Record<RdmaSize, { nrPages: number; thp: string }>> = {
  "64KiB": { nrPages: 16, thp: "never" },
  "2MiB": { nrPages: 512, thp: "always" },
};

const GPU_STACKS: ReadonlySet<string> = new Set(["xe", "amdkfd", "uvm", "ats"]);
/** nouveau has no profile of its own; its card is a V100. */
const NOUVEAU_PRICES = "nv-v100-pcie3-uvm";

/** All GPUs, by profile, and nouveau at the prices of one of them. */
export function rdmaGpus(): RdmaGpu[] {
  const gpus = shippedProfileIds().flatMap((id): RdmaGpu[] => {
    const profile = shippedProfile(id);
    const isGpu = profile !== null && GPU_STACKS.has(profile.stack);
    return isGpu ? [{ name: id, profile }] : [];
  });
  const card = gpus.find(({ name }) => name === NOUVEAU_PRICES);
  return card === undefined ? gpus : [...gpus, { ...card, name: "nouveau", stack: "nouveau" }];
}

/** Why a cell cannot be; null where it can. */
export function whyNoRdma({ gpu }: RdmaCell): string | null {
  return gpu.profile.stack === "ats" && gpu.stack === undefined
    ? "walks the CPUs' page tables: no page is private to it, so there is nothing to convert"
    : null;
}

/** Steps of a round, after `mmap` and the first write. */
export const STEPS_OF_A_ROUND: number = 4;
/** Steps before the first round. */
export const STEPS_BEFORE: number = 2;

/**
 * The scenario of a cell, as YAML.
 * @param nrRounds how often. @defaultValue one more than the cell's rounds
 */
export function rdmaScenario(cell: RdmaCell, nrRounds: number = cell.rounds + 1): string {
  const { gpu, machine, design, size } = cell;
  const { nrPages, thp } = SHAPES[size];
  const touch = (device: string, access: string): object => {
    return { do: "workload", device, at: "buffer", access, outstanding: 1, pause: PACE };
  };
  const round = [
    touch(machine.gpu, "write"),
    touch(RDMA_NIC, "read"),
    touch(RDMA_NIC, "write"),
    touch(machine.gpu, "read"),
  ];
  const stack = gpu.stack ?? stackOf(gpu.profile);
  return writeYaml({
    version: 1,
    title: `${gpu.name} and a NIC, ${size}, ${machine.what}, ${design.name}`,
    ...profileNames(cell),
    settings: { transparent_hugepage: thp },
    machine: { file: machineFile(machine.file), devices: [{ name: machine.gpu, stack }] },
    designs: design.designs,
    steps: [
      { do: "mmap", name: "buffer", pages: nrPages },
      { do: "write", at: "buffer" },
      ...Array.from({ length: nrRounds }, () => round).flat(),
    ],
  });
}

/** The profiles of a cell, by device. */
export function rdmaChoice({ gpu, machine }: RdmaCell): ProfileChoice {
  const nic = shippedProfile(NIC_PROFILE);
  const byDevice = new Map([[machine.gpu, gpu.profile]]);
  if (nic !== null) byDevice.set(RDMA_NIC, nic);
  return { all: null, byDevice };
}

/** A scenario can name those that come with the program; another is given with `--profile`. */
function profileNames({ gpu, machine }: RdmaCell): object {
  if (shippedProfile(gpu.profile.id) !== gpu.profile)
    return { profile: { [RDMA_NIC]: NIC_PROFILE } };
  return { profile: { [machine.gpu]: gpu.profile.id, [RDMA_NIC]: NIC_PROFILE } };
}

function stackOf({ stack }: Profile): string {
  return stack === "ats" ? "sva" : stack;
}
