// Serving a GPU's fault buffer: batches of entries, sorted and grouped by VA block, then replayed
// as the policy says. Mirrors uvm_parent_gpu_service_replayable_faults of
// uvm_gpu_replayable_faults.c for one VA space. No entries arrive while a buffer is being served.
import { EAGAIN, type TaskStruct } from "@faultline/core";
import type { Verb } from "@faultline/engine";
import type { DeviceMirror } from "../device/device-mirror.ts";
import type { DeviceFault } from "../device/device-stack.ts";
import { fetchFaults, type FetchedFaults } from "./fetch-faults.ts";
import { type BlockFaults, type BlockOutcome, serviceBlock } from "./service-block.ts";
import type { UvmBlockPass } from "./uvm-counters.ts";
import type { UvmStack } from "./uvm-stack.ts";

/** `uvm_perf_fault_replay_policy`, by number. */
export const UVM_REPLAY_POLICIES = ["block", "batch", "batch_flush", "once"] as const;

/** When faults are replayed. */
export type UvmReplayPolicy = (typeof UVM_REPLAY_POLICIES)[number];

/**
 * Serves a buffer until it is empty, or until too many batches had throttled faults. One service
 * takes batches up to the limits, and replays at least once. All of it is one verb, because each
 * wait of a block passes through every verb around it.
 * @returns a result for each entry: 0 when the access may be tried again, -EAGAIN while the page is
 * throttled, else a negative errno. An entry that a flush has dropped is not served, and 0.
 */
export function* serviceFaults(
  stack: UvmStack,
  mirror: DeviceMirror,
  task: TaskStruct,
  buffer: readonly DeviceFault[],
): Verb<number[]> {
  const kept = buffer.slice(0, stack.knobs["uvm.faultBufferEntries"]);
  if (kept.length < buffer.length) {
    stack.emit({ type: "FaultBufferOverflow", processor: stack.processor });
  }
  const { uvm_perf_fault_max_batches_per_service: maxBatches } = stack.knobs;
  const service = new Service(stack, mirror, kept);
  while (!service.isDone) {
    service.begin();
    for (let n = 0; n < maxBatches && !service.isDone; n++) {
      const batch = service.fetch();
      for (const group of batch.fetched.groups) {
        const outcome = yield* serviceBlock(stack, mirror, task, group);
        service.note(batch, group, outcome);
      }
      service.endBatch(batch);
    }
    service.end();
    // After so many batches the work is queued anew, and others get their turn.
    if (!service.isDone) yield { reason: "device", object: stack };
  }
  // What found no room in the buffer is not served, either.
  while (service.results.length < buffer.length) service.results.push(0);
  return service.results;
}

/** A batch under way. */
interface Batch {
  readonly batchId: number;
  /** First entry. */
  readonly from: number;
  readonly fetched: FetchedFaults;
  readonly nrReplaysBefore: number;
  readonly passes: UvmBlockPass[];
  isThrottled: boolean;
}

/** The buffer while it is being served. */
class Service {
  readonly results: number[];
  private readonly stack: UvmStack;
  private readonly mirror: DeviceMirror;
  private readonly buffer: readonly DeviceFault[];
  private readonly policy: UvmReplayPolicy;
  private next = 0;
  private nrReplaysBefore = 0;
  private nrThrottled = 0;

  constructor(stack: UvmStack, mirror: DeviceMirror, buffer: readonly DeviceFault[]) {
    this.stack = stack;
    this.mirror = mirror;
    this.buffer = buffer;
    this.results = buffer.map(() => 0);
    this.policy = UVM_REPLAY_POLICIES[stack.knobs.uvm_perf_fault_replay_policy] as UvmReplayPolicy;
  }

  get isDone(): boolean {
    return this.next >= this.buffer.length;
  }

  begin(): void {
    const { stats: counters } = this.stack;
    counters.services++;
    this.nrReplaysBefore = counters.replays;
    this.nrThrottled = 0;
  }

  end(): void {
    if (this.stack.stats.replays === this.nrReplaysBefore) this.stack.replay();
  }

  fetch(): Batch {
    const { stack, next: from } = this;
    const { stats: counters } = stack;
    const batchId = stack.beginBatch();
    const fetched = fetchFaults(this.buffer, from, this.mirror.mm, stack);
    this.next = fetched.end;
    counters.faults += fetched.nrEntries;
    counters.duplicates += fetched.nrDuplicates;
    const nrReplaysBefore = counters.replays;
    return { batchId, from, fetched, nrReplaysBefore, passes: [], isThrottled: false };
  }

  /** What came of a group: a result for every entry of its pages. */
  note(batch: Batch, group: BlockFaults, { pass, failed }: BlockOutcome): void {
    batch.passes.push(pass);
    if (failed.size > 0) {
      batch.isThrottled ||= [...failed.values()].includes(-EAGAIN);
      this.noteFailed(group, batch.from, failed);
    }
    if (this.policy === "block") this.stack.replay();
  }

  /** Replays as the policy says; what too much throttling leaves in the buffer faults again. */
  endBatch({ batchId, fetched, nrReplaysBefore, passes, isThrottled }: Batch): void {
    const { stack, policy } = this;
    const { stats: counters, knobs } = stack;
    const { nrEntries, nrDuplicates } = fetched;
    stack.limitPrefetchFaults(fetched.nrInvalidPrefetches, nrEntries);
    const isPutUpdated =
      policy === "batch_flush" &&
      nrDuplicates * 100 > nrEntries * knobs.uvm_perf_fault_replay_update_put_ratio;
    const nrFlushed = policy === "batch_flush" ? this.flush(isPutUpdated) : 0;
    const isLastOfOnce = policy === "once" && this.isDone;
    if (policy === "batch" || policy === "batch_flush" || isLastOfOnce) stack.replay();
    const nrReplays = counters.replays - nrReplaysBefore;
    stack.onBatch?.({
      batchId,
      nrEntries,
      nrDuplicates,
      passes,
      nrReplays,
      nrFlushed,
      isPutUpdated,
    });
    if (isThrottled) this.nrThrottled++;
    if (this.nrThrottled >= knobs.uvm_perf_fault_max_throttle_per_service) this.drop();
  }

  /** What is still in the buffer goes; the GPU raises it again after the replay. */
  private flush(isPutUpdated: boolean): number {
    const { stats: counters } = this.stack;
    counters.flushes++;
    if (isPutUpdated) counters.put_updates++;
    const nrFlushed = this.drop();
    counters.flushed_faults += nrFlushed;
    return nrFlushed;
  }

  private drop(): number {
    const nrLeft = this.buffer.length - this.next;
    this.next = this.buffer.length;
    return nrLeft;
  }

  /** What cannot be served is cancelled. */
  private noteFailed(group: BlockFaults, from: number, failed: ReadonlyMap<number, number>): void {
    const { stack, results } = this;
    for (const { page, access } of group.faults) {
      const rc = failed.get(page) ?? 0;
      if (rc === 0) continue;
      if (rc !== -EAGAIN && access !== "prefetch") {
        stack.stats.fatal_faults++;
        stack.emit({ type: "FatalFault", processor: stack.processor, page, nrPages: 1, access });
      }
      for (let i = from; i < this.next; i++) {
        const entry = this.buffer[i];
        if (entry?.page === page && entry.access !== "prefetch") results[i] = rc;
      }
    }
  }
}
