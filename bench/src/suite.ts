// Every benchmark by name. Each is built only when it runs, so that they do not share a heap.
import type { Workload } from "./workload.ts";
import { timedFaultRate, timedFaults } from "./workloads/timed-faults.ts";
import { firstTouch, munmap, thpFault, zeroPageRead } from "./workloads/anonymous.ts";
import { calibrationLoop } from "./workloads/calibration.ts";
import { checkpointFirstWrite, checkpointTake } from "./workloads/checkpoint.ts";
import { cowCopy, cowReuse, forkPerPage } from "./workloads/fork-and-cow.ts";
import { hmmFault, hmmSnapshot, migrateToDevice, migrateToSystem } from "./workloads/hmm.ts";
import {
  simActorSwitch,
  simEventQueue,
  simFaultRecord,
  simLinkTransfer,
  simLockHandoff,
  simRecordDigest,
} from "./workloads/sim.ts";

/** A benchmark that has not been built yet. */
export interface SuiteEntry {
  readonly name: string;
  readonly create: () => Workload;
}

export const SUITE: readonly SuiteEntry[] = [
  { name: "calibration/loop", create: calibrationLoop },
  { name: "fault/first-touch-4k", create: firstTouch },
  { name: "fault/zero-page-read", create: zeroPageRead },
  { name: "cow/copy", create: cowCopy },
  { name: "cow/reuse", create: cowReuse },
  { name: "fork/per-page", create: () => forkPerPage(false) },
  { name: "fork/per-page-shuffled", create: () => forkPerPage(true) },
  { name: "munmap/per-page", create: munmap },
  { name: "fault/thp-2m", create: thpFault },
  { name: "hmm_range_fault/snapshot", create: hmmSnapshot },
  { name: "hmm_range_fault/fault", create: hmmFault },
  { name: "migrate/to-device", create: migrateToDevice },
  { name: "migrate/to-system", create: migrateToSystem },
  { name: "checkpoint/take", create: checkpointTake },
  { name: "checkpoint/first-write", create: checkpointFirstWrite },
  { name: "sim/event-queue", create: simEventQueue },
  { name: "sim/actor-switch", create: simActorSwitch },
  { name: "sim/lock-handoff", create: simLockHandoff },
  { name: "sim/link-transfer-1", create: () => simLinkTransfer(1) },
  { name: "sim/link-transfer-100", create: () => simLinkTransfer(100) },
  { name: "sim/link-transfer-10000", create: () => simLinkTransfer(10_000) },
  { name: "sim/fault-record", create: simFaultRecord },
  { name: "sim/record-digest", create: simRecordDigest },
  {
    name: "sim/timed-faults",
    create: () => timedFaultRate("nv-v100-pcie3-uvm", "{ uvm_perf_prefetch_enable: 0 }"),
  },
  { name: "sim/timed-faults-ideal", create: () => timedFaults("host-cpu") },
  { name: "sim/timed-faults-odp", create: () => timedFaults("nic-mlx5-odp") },
  {
    name: "sim/timed-faults-xe",
    create: () => timedFaults("intel-xe-svm-nothp", "{ xe.chunkSizes: [4096] }"),
  },
  {
    name: "sim/timed-faults-uvm",
    create: () => timedFaults("nv-v100-pcie3-uvm", "{ uvm_perf_prefetch_enable: 0 }"),
  },
];
