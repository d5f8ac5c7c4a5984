// The way of every faulting driver from a range of pages to entries in its device's table:
// hmm_range_fault() under a notifier sequence, then a path for each run of pages, then the entries,
// unless the sequence moved meanwhile. Documentation/mm/hmm.rst has the loop.
import {
  EBUSY,
  invariant,
  type MmuIntervalInvalidate,
  MmuIntervalNotifier,
  mmuIntervalReadRetry,
  mmuIntervalSetSeq,
  type OwnerSpace,
  STAGE_RANGE_FAULT,
  type TaskStruct,
  type Wait,
  type World,
} from "@faultline/core";
import {
  HMM_PFN_REQ_FAULT,
  HMM_PFN_REQ_WRITE,
  HMM_WAIT,
  type HmmColumns,
  HmmRange,
  type HmmRangeSpec,
  hmmRangeFault,
  mmapReadLock,
  mmapReadTrylock,
  mmapReadUnlock,
  type Verb,
} from "@faultline/engine";
import type { DeviceMirror } from "./device-mirror.ts";
import type { PageRange } from "./device-stack.ts";
import { noteFound } from "./driver-work.ts";
import type { StackHost } from "./stack-host.ts";

/** HMM_RANGE_DEFAULT_TIMEOUT: how long callers of hmm_range_fault() retry, 1000 ms. */
export const HMM_RANGE_DEFAULT_TIMEOUT_PS = 1_000_000_000_000;

/** What a driver asks for. */
export interface MirrorRequest extends PageRange {
  /** HMM_PFN_REQ_* for every page; 0 only looks. */
  readonly request: number;
  /** Whose private memory is reported as it is. */
  readonly owner: OwnerSpace | null;
  /**
   * Pages that the driver's notifier covers: a change of any of them makes it collect again.
   * @defaultValue the whole address space
   */
  readonly notified?: PageRange;
  /** Further fields of the range. */
  readonly range?: Pick<HmmRangeSpec, "pfnFlagsMask" | "p2pAllow">;
  /** @defaultValue HMM_RANGE_DEFAULT_TIMEOUT_PS */
  readonly budgetPs?: number;
  /**
   * When the notifier's sequence is read: for each attempt, or once for all of them, as drivers did
   * by mistake. Once it has moved, no attempt can succeed. @defaultValue "each"
   */
  readonly sequence?: "each" | "once";
  /** Fills the pages' input words before each walk. */
  readonly prepare?: (range: HmmRange) => void;
}

/** The request flags of an access that must be served. */
export function requestFlags(isWrite: boolean): number {
  return isWrite ? HMM_PFN_REQ_FAULT | HMM_PFN_REQ_WRITE : HMM_PFN_REQ_FAULT;
}

/** Where a driver puts its answer; called while the sequence holds. The range is used again. */
export type StoreRange = (range: HmmRange) => number;

/**
 * Collects the pages of a range and stores them while they are valid.
 * @param store checks the range and writes the device's entries. 0, or a negative errno.
 * @returns what `store` returned, or the errno of hmm_range_fault(); -EBUSY when the range kept
 * changing until the budget was used up.
 */
export function* mirrorRange(
  host: StackHost,
  mirror: DeviceMirror,
  task: TaskStruct,
  request: MirrorRequest,
  store: StoreRange,
): Verb {
  const { mm, system } = mirror;
  const { world, hmmColumns } = system;
  const columns = hmmColumns.take(request.nrPages);
  const own = notifierOf(mirror, request.notified);
  const notifier = own ?? mirror.notifier;
  if (own !== null) mm.notifierSubscriptions?.insert(own);
  const range = hmmRangeOf(mirror, request, notifier, columns);
  const deadline = host.now() + (request.budgetPs ?? HMM_RANGE_DEFAULT_TIMEOUT_PS);
  const { effort } = world;
  const before = effort.enterStage(STAGE_RANGE_FAULT);
  let stale = -1;
  let rc = -EBUSY;
  for (;;) {
    if (host.now() > deadline) {
      mirror.note("mirror-timeout", request.start, request.nrPages);
      rc = -EBUSY;
      break;
    }
    const seq = stale >= 0 ? stale : (mm.notifierSubscriptions?.readBegin(notifier) ?? 0);
    if (seq === -1) {
      yield { reason: "notifier", object: mm };
      continue;
    }
    if (stale >= 0 && mmuIntervalReadRetry(notifier, seq)) {
      mirror.note("mirror-stale", request.start, request.nrPages);
      yield { reason: "spin", object: { untilPs: deadline } };
      rc = -EBUSY;
      break;
    }
    if (request.sequence === "once") stale = seq;
    range.restart(seq);
    request.prepare?.(range);
    if (!mmapReadTrylock(world, mm)) yield* mmapReadLock(world, mm);
    rc = hmmRangeFault(world, task, range);
    if (rc === HMM_WAIT) rc = yield* walkOn(world, host, task, range);
    mmapReadUnlock(mm);
    if (rc === -EBUSY) continue;
    if (rc === HMM_WAIT) {
      mirror.note("mirror-timeout", request.start, request.nrPages);
      rc = -EBUSY;
    }
    if (rc !== 0) break;
    if (request.request !== 0) noteFound(world, mirror.device, STAGE_RANGE_FAULT, range);
    // Between the answer and the device's own table anything may happen: the sequence tells.
    yield { reason: "device", object: mirror };
    if (!mmuIntervalReadRetry(notifier, seq)) break;
    mirror.note("mirror-retry", request.start, request.nrPages);
  }
  effort.enterStage(before);
  if (rc === 0) rc = store(range);
  hmmColumns.give(columns);
  if (own !== null) mm.notifierSubscriptions?.remove(own);
  return rc;
}

/**
 * A notifier for a part of the address space. The mirror forgets what changes; this one only says
 * whether anything did.
 */
function notifierOf(
  { mm }: DeviceMirror,
  notified: PageRange | undefined,
): MmuIntervalNotifier | null {
  if (notified === undefined || mm.notifierSubscriptions === null) return null;
  return new MmuIntervalNotifier(mm, notified.start, notified.start + notified.nrPages, noteChange);
}

const noteChange: MmuIntervalInvalidate = (notifier, _range, seq) => {
  mmuIntervalSetSeq(notifier, seq);
};

/** The range that a driver asks about, with all that designs may compare. */
export function hmmRangeOf(
  mirror: DeviceMirror,
  request: MirrorRequest,
  notifier: MmuIntervalNotifier = mirror.notifier,
  columns: HmmColumns | null = null,
): HmmRange {
  const { mm, device } = mirror;
  const { p2pAllow } = request.range ?? {};
  return new HmmRange({
    mm,
    notifier,
    start: request.start,
    end: request.start + request.nrPages,
    defaultFlags: request.request,
    pfnFlagsMask: request.range?.pfnFlagsMask ?? 0,
    devPrivateOwner: request.owner,
    columns,
    devPrivateSpace: request.owner === null ? null : device.space,
    requester: device.device.initiators[0]?.dev ?? null,
    isReachable: mirror.isReachable,
    p2pAllow: p2pAllow === undefined ? mirror.reachesMemory : p2pAllow,
  });
}

/**
 * Goes on with a walk that waits.
 * @returns HMM_WAIT for a page that only time frees, while time stands still.
 */
function* walkOn(world: World, host: StackHost, task: TaskStruct, range: HmmRange): Verb {
  for (;;) {
    const wait = takePendingWait(world);
    const before = host.now();
    yield wait;
    if (wait.reason === "refault" && host.now() === before) return HMM_WAIT;
    const rc = hmmRangeFault(world, task, range);
    if (rc !== HMM_WAIT) return rc;
  }
}

/** Hands on what a restartable function said it waits for. */
export function takePendingWait(world: World): Wait {
  const wait = world.pendingWait;
  if (wait === null) return invariant(false, "a wait without a reason") as never;
  world.pendingWait = null;
  return wait;
}
