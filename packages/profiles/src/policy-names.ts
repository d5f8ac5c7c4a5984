// Parameters of drivers that a profile can set: under the driver's own name where it has one (a
// module parameter), else under the name of the constant in its source, in lower case.
import type { NumberDefinition } from "./device-constants.ts";
import type { ProfileStack } from "./vocabulary.ts";

type Policies = Readonly<Record<string, NumberDefinition>>;

const plain = (description: string): NumberDefinition => ({ dimension: "plain", description });
const within = (least: number, most: number, description: string): NumberDefinition => {
  return { dimension: "plain", description, limits: [least, most] };
};
const size = (description: string): NumberDefinition => ({ dimension: "size", description });
const time = (description: string): NumberDefinition => ({ dimension: "time", description });

const UVM: Policies = {
  uvm_perf_fault_batch_count: plain("faults fetched in one batch"),
  uvm_perf_fault_max_batches_per_service: plain("batches before the bottom half yields"),
  uvm_perf_fault_replay_policy: plain("when faults are replayed: BLOCK, BATCH, BATCH_FLUSH, ONCE"),
  uvm_perf_fault_replay_update_put_ratio: plain("duplicates, in percent, that force a new PUT"),
  uvm_perf_fault_max_throttle_per_service: plain("batches with throttled faults before a stop"),
  uvm_perf_fault_coalesce: plain("whether faults on one page are merged while fetching"),
  uvm_perf_prefetch_enable: plain("whether the tree prefetcher runs"),
  uvm_perf_prefetch_threshold: plain("density, in percent, above which a subtree is fetched"),
  uvm_perf_prefetch_min_faults: plain("faults in a block before it prefetches"),
  uvm_perf_thrashing_enable: plain("whether thrashing is detected"),
  uvm_perf_thrashing_threshold: plain("events before a page counts as thrashing"),
  uvm_perf_thrashing_pin_threshold: plain("throttles before a page is pinned"),
  uvm_perf_thrashing_lapse_usec: time("largest gap between two events of one page"),
  uvm_perf_thrashing_nap: plain("how long a processor is throttled, in lapses"),
  uvm_perf_thrashing_epoch: plain("after how long thrashing is forgotten, in lapses"),
  uvm_perf_thrashing_pin: plain("how long a page stays pinned, in lapses"),
  uvm_perf_thrashing_max_resets: plain("resets of a block before detection stops there"),
  uvm_perf_access_counter_threshold: plain("remote accesses to 2 MiB before a notification"),
  uvm_perf_access_counter_batch_count: plain("notifications fetched in one batch"),
  uvm_perf_access_counter_migration_enable: plain("1, 0, or -1: on ATS platforms only"),
  uvm_perf_map_remote_on_eviction: plain("whether evicted data is mapped remotely"),
  uvm_ats_mode: plain("whether ATS is used where the machine has it"),
  va_block_size: size("what is served and evicted as one"),
  big_page_size: size("what a fault on a 4 KiB page is extended to"),
};

const AMDKFD: Policies = {
  svm_default_granularity: within(0, 27, "what one fault migrates: log2 of its pages"),
  noretry: plain("0 when faults are retried (XNACK on)"),
  max_svm_range_size: size("the largest range"),
  svm_range_retry_fault_pending: time("for how long a served range ignores further faults"),
  svm_range_restore_delay: time("when evicted queues are tried again, without XNACK"),
  fault_batch: plain("faults served at a time"),
};

const XE: Policies = {
  svm_notifier_size: size("span of one interval notifier"),
  fault_chunk_size: size("the largest range that a fault makes"),
  device_thp: plain("whether device memory comes in 2 MiB folios"),
  pagefault_queues: plain("queues of faults, one worker each"),
};

const ODP: Policies = {
  pagefault_eq_entries: plain("entries of the queue of fault events"),
  pagefault_records: plain("fault records before the queue is left alone"),
  max_prefetch_len: size("what is mapped beyond a request of unknown length"),
};

const HMM: Policies = {
  hmm_range_timeout: time("how long hmm_range_fault() is retried after -EBUSY"),
  migrates_to_device: plain("whether a fault moves data to the device"),
};

const BY_STACK: Readonly<Record<string, Policies>> = {
  uvm: { ...HMM, ...UVM },
  ats: { ...HMM, ...UVM },
  amdkfd: { ...HMM, ...AMDKFD },
  xe: { ...HMM, ...XE },
  odp: { ...HMM, ...ODP },
  nouveau: HMM,
  sva: HMM,
  ideal: HMM,
};

/** The parameters that a stack takes, by name; of a driver that is not ours, those of HMM. */
export function policiesOf(stack: ProfileStack): Policies {
  return Object.hasOwn(BY_STACK, stack) ? (BY_STACK[stack] as Policies) : HMM;
}
