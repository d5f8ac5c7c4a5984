// Serving a GPU's fault buffer: batches of entries, sorted and grouped by VA block, then replayed
// as the policy says. Mirrors uvm_parent_gpu_service_replayable_faults of
// uvm_gpu_replayable_faults.c for one VA space. No entries arrive while a buffer is being served.
import { EAGAIN, type TaskStruct } from "@faultline/core";
import type { Verb } from "@faultline/engine";
import type { DeviceMirror } from "../device/device-mirror.ts";
import type { DeviceFault } from "../device/device-stack.ts";
import { fetchFaults, type FetchedFaults } from "./fetch-faults.ts";
import { type BlockFaults, serviceBlock } from "./service-block.ts";
import type { UvmBlockPass } from "./uvm-counters.ts";
import type { UvmStack } from "./uvm-stack.ts";

/** `uvm_perf_fault_replay_policy`, by number. */
export const UVM_REPLAY_POLICIES = ["block", "batch", "batch_flush", "once"] as const;

/** When faults are replayed. */
export type UvmReplayPolicy = (typeof UVM_REPLAY_POLICIES)[number];

/**
 * Serves a buffer until it is empty, or until too many batches had throttled faults.
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
  const service = new Service(stack, mirror, task, kept);
  const results = buffer.map(() => 0);
  while (!service.isDone) {
    yield* service.run(results);
    // After so many batches the work is queued anew, and others get their turn.
    if (!service.isDone) yield { reason: "device", object: stack };
  }
  return results;
}

/** The buffer while it is being served. */
class Service {
  private readonly stack: UvmStack;
  private readonly mirror: DeviceMirror;
  private readonly task: TaskStruct;
  private readonly buffer: readonly DeviceFault[];
  private readonly policy: UvmReplayPolicy;
  private next = 0;

  constructor(
    stack: UvmStack,
    mirror: DeviceMirror,
    task: TaskStruct,
    buffer: readonly DeviceFault[],
  ) {
    this.stack = stack;
    this.mirror = mirror;
    this.task = task;
    this.buffer = buffer;
    this.policy = UVM_REPLAY_POLICIES[stack.knobs.uvm_perf_fault_replay_policy] as UvmReplayPolicy;
  }

  get isDone(): boolean {
    return this.next >= this.buffer.length;
  }

  /** One service: batches up to the limits, and at least one replay. */
  *run(results: number[]): Verb<void> {
    const { stack } = this;
    const { knobs, stats: counters } = stack;
    counters.services++;
    const nrReplaysBefore = counters.replays;
    let nrThrottled = 0;
    for (let n = 0; n < knobs.uvm_perf_fault_max_batches_per_service && !this.isDone; n++) {
      if (yield* this.batch(results)) nrThrottled++;
      // What is left stays in the buffer and faults again.
      if (nrThrottled >= knobs.uvm_perf_fault_max_throttle_per_service) this.drop();
    }
    if (counters.replays === nrReplaysBefore) stack.replay();
  }

  /** @returns whether a fault of the batch was throttled. */
  private *batch(results: number[]): Verb<boolean> {
    const { stack, policy } = this;
    const { stats: counters, knobs } = stack;
    const batchId = stack.beginBatch();
    const nrReplaysBefore = counters.replays;
    const fetched = fetchFaults(this.buffer, this.next, this.mirror.mm, stack);
    this.next = fetched.end;
    counters.faults += fetched.nrEntries;
    counters.duplicates += fetched.nrDuplicates;
    const passes: UvmBlockPass[] = [];
    let isThrottled = false;
    for (const group of fetched.groups) {
      const { pass, failed } = yield* serviceBlock(stack, this.mirror, this.task, group);
      passes.push(pass);
      isThrottled ||= [...failed.values()].includes(-EAGAIN);
      this.note(group, fetched, failed, results);
      if (policy === "block") stack.replay();
    }
    stack.limitPrefetchFaults(fetched.nrInvalidPrefetches, fetched.nrEntries);
    const isPutUpdated =
      policy === "batch_flush" &&
      fetched.nrDuplicates * 100 > fetched.nrEntries * knobs.uvm_perf_fault_replay_update_put_ratio;
    const nrFlushed = policy === "batch_flush" ? this.flush(isPutUpdated) : 0;
    const isLastOfOnce = policy === "once" && this.isDone;
    if (policy === "batch" || policy === "batch_flush" || isLastOfOnce) stack.replay();
    const nrReplays = counters.replays - nrReplaysBefore;
    const { nrEntries, nrDuplicates } = fetched;
    stack.onBatch?.({
      batchId,
      nrEntries,
      nrDuplicates,
      passes,
      nrReplays,
      nrFlushed,
      isPutUpdated,
    });
    return isThrottled;
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

  /** A result for every entry of the group's pages; what cannot be served is cancelled. */
  private note(
    group: BlockFaults,
    { indexes }: FetchedFaults,
    failed: ReadonlyMap<number, number>,
    results: number[],
  ): void {
    const { stack } = this;
    for (const { page, access } of group.faults) {
      const rc = failed.get(page) ?? 0;
      if (rc === 0) continue;
      if (rc !== -EAGAIN && access !== "prefetch") {
        stack.stats.fatal_faults++;
        stack.emit({ type: "FatalFault", processor: stack.processor, page, nrPages: 1, access });
      }
      for (const i of indexes.get(page) ?? []) {
        if (this.buffer[i]?.access !== "prefetch") results[i] = rc;
      }
    }
  }
}
