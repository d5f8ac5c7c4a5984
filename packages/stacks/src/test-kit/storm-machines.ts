// The machines that storms blow on: each driver alone, each with a NIC beside it, and all on one
// machine, with what may differ between two such machines drawn at random. Used by tests only.
import { type Designs, EAGAIN, EBUSY, EFAULT } from "@faultline/core";
import fc from "fast-check";
import type { DeviceAdvice, DeviceStack } from "../device/device-stack.ts";
import { DEFAULT_KFD_KNOBS } from "../amdkfd/kfd-knobs.ts";
import { KfdStack } from "../amdkfd/kfd-stack.ts";
import { SvaStack } from "../sva/sva-stack.ts";
import { UVM_EVICTION_POLICIES } from "../uvm/eviction-policy.ts";
import type { StormOptions } from "./driver-storm.ts";
import type { StormDevice, StormMachine } from "./storm-scene.ts";
import type { StormStep } from "./storm-steps.ts";

const ALWAYS_MAPPED = "KFD_IOCTL_SVM_FLAG_GPU_ALWAYS_MAPPED";

/** Machines of one kind. */
export interface StormCase {
  readonly machines: fc.Arbitrary<StormMachine>;
  readonly options: StormOptions;
}

const MIB = fc.constantFrom(4, 16);

const DESIGNS: fc.Arbitrary<Partial<Designs>> = fc.record({
  "hmm.p2pOp": fc.constantFrom("off", "v2", "targetAware"),
  "path.selector": fc.constantFrom("static", "numaLocal"),
  "dma.twoStep": fc.constantFrom("on", "off"),
  "odp.fallback": fc.constantFrom("perPfn", "wholeRequest"),
});

/** What may differ between machines whatever their devices. */
const PLATFORM = fc.record({
  host: fc.constantFrom("zen", "none"),
  iommu: fc.constantFrom(null, "identity", "translate"),
  manySockets: fc.boolean(),
  designs: DESIGNS,
});

/** A NIC with on-demand paging. */
export const NIC: fc.Arbitrary<StormDevice> = fc.record({
  name: fc.constant("nic0"),
  kind: fc.constant("nic"),
  stack: fc.constant("odp"),
  port: fc.nat(1),
  alsoOn: fc.constantFrom([], [0]),
  knobs: fc.record({
    "odp.scheme": fc.constantFrom("wqe", "rdma", "memory"),
    "odp.lengthKnown": fc.boolean(),
    "odp.packetBytes": fc.constantFrom(4096, 8192),
    "odp.segmentPages": fc.constantFrom(0, 3),
    "odp.memoryBefore": fc.constantFrom(0, 8192),
    "odp.memoryAfter": fc.constantFrom(0, 2 ** 16),
    "odp.faultingQps": fc.constantFrom(1, 3),
    "odp.prefetchMax": fc.constantFrom(0, 8192, 2 ** 22),
    "odp.childPages": fc.constantFrom(512, 2 ** 18),
  }),
});

const SVA: fc.Arbitrary<StormDevice> = fc.record({
  name: fc.constant("accelerator"),
  kind: fc.constant("gpu"),
  stack: fc.constant("sva"),
  memoryMib: fc.constantFrom(0, 4),
  port: fc.nat(1),
  knobs: fc.record({
    "pri.queueEntries": fc.constantFrom(4, 2048),
    "pri.outstandingPerDevice": fc.constantFrom(1, 32, 2048),
    "pri.groupIndexBits": fc.constantFrom(1, 9),
    "pri.drainEvery": fc.constantFrom(1, 8),
    "pri.stallModel": fc.boolean(),
    "pri.stallsInFlight": fc.constantFrom(1, 8),
  }),
});

const KFD_KNOBS = fc.record({
  "kfd.xnack": fc.boolean(),
  "kfd.vramToVram": fc.constantFrom("bounceWholeRange", "bounceGranule", "direct"),
  "kfd.maxRangePages": fc.constantFrom(0, 2 ** 18),
  "kfd.retryFilter": fc.constantFrom("software", "cam", "off"),
  "kfd.faultBurst": fc.constantFrom(1, 3),
  "kfd.copyWindowBytes": fc.constantFrom(4096, 2 ** 22),
  "kfd.granularityLog2": fc.constantFrom(0, 4, DEFAULT_KFD_KNOBS["kfd.granularityLog2"]),
});

const UVM_KNOBS = fc.record({
  uvm_perf_fault_replay_policy: fc.nat(3),
  uvm_perf_prefetch_enable: fc.constantFrom(0, 1),
  uvm_perf_prefetch_threshold: fc.constantFrom(1, 51, 100),
  uvm_perf_thrashing_enable: fc.constantFrom(0, 1),
  uvm_perf_thrashing_pin_threshold: fc.constantFrom(1, 10),
  uvm_fault_force_sysmem: fc.constantFrom(0, 0, 0, 1),
  uvm_perf_map_remote_on_eviction: fc.constantFrom(0, 1),
  uvm_perf_map_remote_on_native_atomics_fault: fc.constantFrom(0, 1),
  uvm_ats_mode: fc.constantFrom(0, 1),
  "uvm.linkMatrix": fc.constantFrom("machine", "nvlink"),
  "uvm.evictionPolicy": fc.constantFrom(...Object.keys(UVM_EVICTION_POLICIES)),
  "uvm.memory": fc.constantFrom("managed", "system"),
});

/** A GPU of a driver. */
function gpu(
  stack: StormDevice["stack"],
  n: number,
  knobs: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.constant({}),
  hive: string | null = null,
): fc.Arbitrary<StormDevice> {
  return fc.record({
    name: fc.constant(`${stack}${n}`),
    stack: fc.constant(stack),
    memoryMib: MIB,
    port: fc.nat(1),
    coherent: fc.boolean(),
    ...(hive === null ? {} : { hive: fc.constant(hive) }),
    knobs,
  });
}

/** A machine with these devices. */
export function machineOf(...devices: fc.Arbitrary<StormDevice>[]): fc.Arbitrary<StormMachine> {
  return fc
    .tuple(fc.tuple(...devices), PLATFORM)
    .map(([list, platform]) => ({ ...platform, devices: list }));
}

/** Advice that the driver of a device takes. */
export function advicesOf(stack: DeviceStack): readonly DeviceAdvice[] {
  const preferred = stack.system.machine.devices
    .filter((device) => (stack.system.attached[device.index]?.memory ?? null) !== null)
    .map((preferredLocation) => ({ preferredLocation }));
  if (stack.name === "odp") {
    const later = { prefetch: "write", flush: false } as const;
    return [{ prefetch: "read" }, { prefetch: "write" }, { prefetch: "no_fault" }, later];
  }
  if (stack.name !== "amdkfd" && stack.name !== "uvm") return [];
  const places: DeviceAdvice[] = [
    { preferredLocation: "system" },
    { preferredLocation: "default" },
    ...preferred,
  ];
  const named = [true, false];
  if (stack.name === "uvm") {
    const flags = named.flatMap((is) => [
      { accessedBy: is },
      { readMostly: is },
      { readMostly: true },
    ]);
    return [...places, ...flags];
  }
  const rights: DeviceAdvice[] = [{ access: "access" }, { access: "in_place" }];
  return [...rights, { clrFlags: [ALWAYS_MAPPED] }, { granularity: 2 }, ...places];
}

/** Ranges that have to stay mapped, too: then the queues stop at times. */
function stoppingAdvicesOf(stack: DeviceStack): readonly DeviceAdvice[] {
  return [...advicesOf(stack), { setFlags: [ALWAYS_MAPPED] }];
}

/** GPUs of UVM, with NVLink between the first two or without. */
function uvms(count: number, ...others: fc.Arbitrary<StormDevice>[]): fc.Arbitrary<StormMachine> {
  const gpus = Array.from({ length: count }, (_, n) => gpu("uvm", n, UVM_KNOBS));
  return fc.tuple(machineOf(...gpus, ...others), fc.boolean()).map(([machine, hasLink]) => {
    if (!hasLink) return machine;
    return { ...machine, links: [["uvm0", "uvm1"]], linkKind: "nvlink" };
  });
}

/** What drivers may answer to an access that the mapping allows. */
function refusalsOf(stack: DeviceStack, { nrPages }: StormStep): readonly number[] {
  // The queues stand, or nothing is mapped; or another GPU holds a part of the range.
  if (stack instanceof KfdStack) return stack.knobs["kfd.xnack"] ? [-EAGAIN] : [-EAGAIN, -EFAULT];
  // The page goes to and fro, and it is another's turn; or the walk of the CPU's table is
  // throttled, which lasts as long as its patience where no time passes.
  if (stack.name === "uvm") return [-EAGAIN, -EBUSY];
  // Stalls whose events find the queue full.
  const canLose = stack instanceof SvaStack && stack.knobs["pri.stallModel"] && nrPages > 4;
  return canLose ? [-EFAULT] : [];
}

const options: StormOptions = {
  advices: stoppingAdvicesOf,
  refusals: refusalsOf,
  /** A CPU that UVM throttles waits for half a millisecond. */
  patienceMs: 1,
};

/** Inside a hive, with retry faults and nothing to be kept mapped, no access fails. */
const neverRefused: StormOptions = { advices: advicesOf };

const XNACK = KFD_KNOBS.map((knobs) => ({ ...knobs, "kfd.xnack": true }));

function kfd(n: number, hive: string | null = null): fc.Arbitrary<StormDevice> {
  return gpu("amdkfd", n, KFD_KNOBS, hive);
}

/** Every kind of machine. */
export const STORM_CASES: Readonly<Record<string, StormCase>> = {
  ideal: { machines: machineOf(gpu("ideal", 0), gpu("ideal", 1)), options },
  nouveau: { machines: machineOf(gpu("nouveau", 0), gpu("nouveau", 1)), options },
  odp: { machines: machineOf(NIC), options },
  "two GPUs of a hive, with XNACK": {
    machines: machineOf(gpu("amdkfd", 0, XNACK, "h"), gpu("amdkfd", 1, XNACK, "h")),
    options: neverRefused,
  },
  "a hive and a third GPU": { machines: machineOf(kfd(0, "h"), kfd(1, "h"), kfd(2)), options },
  "two GPUs of uvm": { machines: uvms(2), options },
  "three GPUs of uvm": { machines: uvms(3), options },
  sva: { machines: machineOf(SVA), options },
  "ideal and a NIC": { machines: machineOf(gpu("ideal", 0), NIC), options },
  "nouveau and a NIC": { machines: machineOf(gpu("nouveau", 0), NIC), options },
  "amdkfd and a NIC": { machines: machineOf(kfd(0), NIC), options },
  "uvm and a NIC": { machines: uvms(2, NIC), options },
  "sva and a NIC": { machines: machineOf(SVA, NIC), options },
  "ideal, nouveau, amdkfd, uvm, sva and a NIC": {
    machines: machineOf(
      gpu("ideal", 0),
      gpu("nouveau", 0),
      kfd(0),
      gpu("uvm", 0, UVM_KNOBS),
      SVA,
      NIC,
    ),
    options,
  },
};
