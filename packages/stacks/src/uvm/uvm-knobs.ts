// Parameters of the nvidia-uvm module under their own names, with the defaults and limits of
// 595.45.04, and what this driver adds to them. Values that change no outcome here, only its price,
// are kept for whoever prices it.

import {
  findKnobProblems,
  type KnobProblem,
  type KnobTable,
  oneOf,
  takeKnobs,
  wholeNumber,
} from "../device/check-knobs.ts";

import { UVM_EVICTION_POLICIES } from "./eviction-policy.ts";

/** All parameters. Times are in the unit that their name says, or in lapses. */
export interface UvmKnobs {
  /** Entries of the fault buffer that one batch fetches, at least 1. @defaultValue 256 */
  readonly uvm_perf_fault_batch_count: number;
  /** `UVM_REPLAY_POLICIES`: block, batch, batch_flush, once. @defaultValue 2, batch_flush */
  readonly uvm_perf_fault_replay_policy: number;
  /** Duplicates, in percent of a batch, above which a flush reads PUT again. @defaultValue 50 */
  readonly uvm_perf_fault_replay_update_put_ratio: number;
  /** Batches of one service; then it yields. @defaultValue 20 */
  readonly uvm_perf_fault_max_batches_per_service: number;
  /** Batches with a throttled fault, after which a service stops. @defaultValue 5 */
  readonly uvm_perf_fault_max_throttle_per_service: number;
  /** Entries for one page become one while they are fetched. @defaultValue 1 */
  readonly uvm_perf_fault_coalesce: number;
  /** How long prefetch faults stay off, in ms. @defaultValue 1000 */
  readonly uvm_perf_reenable_prefetch_faults_lapse_msec: number;
  /** @defaultValue 1 */
  readonly uvm_perf_prefetch_enable: number;
  /** Percent of a subtree that must be occupied, strictly more. @defaultValue 51 */
  readonly uvm_perf_prefetch_threshold: number;
  /** Faults of one block before anything is prefetched, 1 to 20. @defaultValue 1 */
  readonly uvm_perf_prefetch_min_faults: number;
  /** @defaultValue 1 */
  readonly uvm_perf_thrashing_enable: number;
  /** Events before a page counts as thrashing, at most 7. @defaultValue 3 */
  readonly uvm_perf_thrashing_threshold: number;
  /** Throttles before a page is pinned, at most 255. @defaultValue 10 */
  readonly uvm_perf_thrashing_pin_threshold: number;
  /** Most microseconds between two events, 5 to 500000. @defaultValue 500 */
  readonly uvm_perf_thrashing_lapse_usec: number;
  /**
   * Votes after which a lapse that nobody has set adapts. Changes no outcome here, where a lapse
   * stays as it is: who votes when is in none of our sources. @defaultValue 32
   */
  readonly uvm_perf_lapse_vote_threshold: number;
  /** Throttling, in lapses. @defaultValue 1 */
  readonly uvm_perf_thrashing_nap: number;
  /** History is forgotten after so many lapses. @defaultValue 2000 */
  readonly uvm_perf_thrashing_epoch: number;
  /** How long a page is pinned, in lapses; 0 for ever. @defaultValue 300 */
  readonly uvm_perf_thrashing_pin: number;
  /** Resets of a block after which nothing is detected there any more. @defaultValue 4 */
  readonly uvm_perf_thrashing_max_resets: number;
  /** An atomic fault over a link with native atomics maps instead of migrating. @defaultValue 0 */
  readonly uvm_perf_map_remote_on_native_atomics_fault: number;
  /** 0 off, 1 on, -1 on where CPUs reach the memory coherently. @defaultValue -1 */
  readonly uvm_perf_access_counter_migration_enable: number;
  /** Notifications that are served together. @defaultValue 256 */
  readonly uvm_perf_access_counter_batch_count: number;
  /** Accesses before a counter notifies, 1 to 65535. @defaultValue 256 */
  readonly uvm_perf_access_counter_threshold: number;
  /** What an eviction has taken is mapped where it went. @defaultValue 1 */
  readonly uvm_perf_map_remote_on_eviction: number;
  /** Every fault leads to system memory. @defaultValue 0 */
  readonly uvm_fault_force_sysmem: number;
  /** Memory that was not allocated by UVM is not served. @defaultValue 0, as on x86 */
  readonly uvm_disable_hmm: number;
  /** Memory of coherent devices is used as by ATS. @defaultValue 1 */
  readonly uvm_ats_mode: number;
  /** Changes no outcome here. @defaultValue 1 */
  readonly uvm_perf_migrate_cpu_preunmap_enable: number;
  /** Changes no outcome here. @defaultValue 2 */
  readonly uvm_perf_migrate_cpu_preunmap_block_order: number;
  /** Changes no outcome here. @defaultValue "phys" */
  readonly uvm_peer_copy: "phys" | "virt";
  /** Entries of the fault buffer. @defaultValue 4096, assumed: firmware says */
  readonly "uvm.faultBufferEntries": number;
  /** Which links between GPUs count: all that the machine has, or none over PCI. */
  readonly "uvm.linkMatrix": "machine" | "nvlink";
  /** What leaves a full GPU first: UVM_EVICTION_POLICIES. @defaultValue allocation-2m */
  readonly "uvm.evictionPolicy": string;
  /** What a process's memory is: from cudaMallocManaged(), or from malloc(). */
  readonly "uvm.memory": "managed" | "system";
}

/** The module's defaults on x86. */
export const DEFAULT_UVM_KNOBS: UvmKnobs = {
  uvm_perf_fault_batch_count: 256,
  uvm_perf_fault_replay_policy: 2,
  uvm_perf_fault_replay_update_put_ratio: 50,
  uvm_perf_fault_max_batches_per_service: 20,
  uvm_perf_fault_max_throttle_per_service: 5,
  uvm_perf_fault_coalesce: 1,
  uvm_perf_reenable_prefetch_faults_lapse_msec: 1000,
  uvm_perf_prefetch_enable: 1,
  uvm_perf_prefetch_threshold: 51,
  uvm_perf_prefetch_min_faults: 1,
  uvm_perf_thrashing_enable: 1,
  uvm_perf_thrashing_threshold: 3,
  uvm_perf_thrashing_pin_threshold: 10,
  uvm_perf_thrashing_lapse_usec: 500,
  uvm_perf_lapse_vote_threshold: 32,
  uvm_perf_thrashing_nap: 1,
  uvm_perf_thrashing_epoch: 2000,
  uvm_perf_thrashing_pin: 300,
  uvm_perf_thrashing_max_resets: 4,
  uvm_perf_map_remote_on_native_atomics_fault: 0,
  uvm_perf_access_counter_migration_enable: -1,
  uvm_perf_access_counter_batch_count: 256,
  uvm_perf_access_counter_threshold: 256,
  uvm_perf_map_remote_on_eviction: 1,
  uvm_fault_force_sysmem: 0,
  uvm_disable_hmm: 0,
  uvm_ats_mode: 1,
  uvm_perf_migrate_cpu_preunmap_enable: 1,
  uvm_perf_migrate_cpu_preunmap_block_order: 2,
  uvm_peer_copy: "phys",
  "uvm.faultBufferEntries": 4096,
  "uvm.linkMatrix": "machine",
  "uvm.evictionPolicy": "allocation-2m",
  "uvm.memory": "managed",
};

const LARGEST = 2 ** 32 - 1;
const SWITCH = [0, 1] as const;

/** The whole numbers that a parameter takes, or the words. */
const LIMITS: Readonly<Record<keyof UvmKnobs, readonly [number, number] | readonly string[]>> = {
  uvm_perf_fault_batch_count: [1, LARGEST],
  uvm_perf_fault_replay_policy: [0, 3],
  uvm_perf_fault_replay_update_put_ratio: [0, 100],
  uvm_perf_fault_max_batches_per_service: [1, LARGEST],
  uvm_perf_fault_max_throttle_per_service: [1, LARGEST],
  uvm_perf_fault_coalesce: SWITCH,
  uvm_perf_reenable_prefetch_faults_lapse_msec: [0, LARGEST],
  uvm_perf_prefetch_enable: SWITCH,
  uvm_perf_prefetch_threshold: [1, 100],
  uvm_perf_prefetch_min_faults: [1, 20],
  uvm_perf_thrashing_enable: SWITCH,
  uvm_perf_thrashing_threshold: [1, 7],
  uvm_perf_thrashing_pin_threshold: [1, 255],
  uvm_perf_thrashing_lapse_usec: [5, 500_000],
  uvm_perf_lapse_vote_threshold: [0, LARGEST],
  uvm_perf_thrashing_nap: [1, LARGEST],
  uvm_perf_thrashing_epoch: [1, LARGEST],
  uvm_perf_thrashing_pin: [0, LARGEST],
  uvm_perf_thrashing_max_resets: [0, LARGEST],
  uvm_perf_map_remote_on_native_atomics_fault: SWITCH,
  uvm_perf_access_counter_migration_enable: [-1, 1],
  uvm_perf_access_counter_batch_count: [1, LARGEST],
  uvm_perf_access_counter_threshold: [1, 65_535],
  uvm_perf_map_remote_on_eviction: SWITCH,
  uvm_fault_force_sysmem: SWITCH,
  uvm_disable_hmm: SWITCH,
  uvm_ats_mode: SWITCH,
  uvm_perf_migrate_cpu_preunmap_enable: SWITCH,
  uvm_perf_migrate_cpu_preunmap_block_order: [0, 11],
  uvm_peer_copy: ["phys", "virt"],
  "uvm.faultBufferEntries": [1, LARGEST],
  "uvm.linkMatrix": ["machine", "nvlink"],
  "uvm.evictionPolicy": Object.keys(UVM_EVICTION_POLICIES),
  "uvm.memory": ["managed", "system"],
};

/** @param evictions names of policies beside those that there are. */
function tableWith(evictions: Iterable<string> = []): KnobTable {
  const limits = {
    ...LIMITS,
    "uvm.evictionPolicy": [...LIMITS["uvm.evictionPolicy"], ...evictions],
  };
  return {
    page: "docs/uvm.md",
    rules: Object.fromEntries(
      Object.entries(limits).map(([name, [first, ...rest]]) => {
        if (typeof first === "number") return [name, wholeNumber(first, Number(rest[0]))];
        return [name, oneOf(...[first, ...rest].map(String))];
      }),
    ),
  };
}

const TABLE = tableWith();

/**
 * Every problem of given parameters.
 * @param evictions names of policies beside those that there are.
 */
export function findUvmKnobProblems(
  given: Readonly<Record<string, unknown>>,
  evictions?: Iterable<string>,
): KnobProblem[] {
  return findKnobProblems(evictions === undefined ? TABLE : tableWith(evictions), given);
}

/**
 * The parameters with everything that is not given at its default.
 * @throws ArgumentError naming the first parameter that cannot be taken.
 */
export function uvmKnobs(
  given: Readonly<Record<string, unknown>>,
  evictions?: Iterable<string>,
): UvmKnobs {
  const table = evictions === undefined ? TABLE : tableWith(evictions);
  return takeKnobs(table, DEFAULT_UVM_KNOBS, given);
}
