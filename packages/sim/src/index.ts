/**
 * Time: actors, locks, links, CPUs and the records of faults.
 * @module @faultline/sim
 */
export { Actor } from "./actor/actor.ts";
export { ActorDeadlockError, type WaitingActor } from "./actor/actor-deadlock-error.ts";
export * from "./actor/pause.ts";
export { Signal, type SignalOptions } from "./actor/signal.ts";
export {
  type RunOptions,
  type RunProgress,
  type RunResult,
  Sim,
  type SimOptions,
} from "./actor/sim.ts";
export { type EventReceiver } from "./actor/event-receiver.ts";
export { Timer } from "./actor/timer.ts";
export {
  type CpuHost,
  VerbDriver,
  type VerbHost,
  type VerbWait,
  waitKindOf,
} from "./actor/verb-driver.ts";
export { Cpu, DEFAULT_SLICE_PS } from "./cpu/cpu.ts";
export { type CpuMask, CpuSet, cpusOf, type ShootdownCosts } from "./cpu/cpu-set.ts";
export { type HandlerPrice, SharedCpus, type SharedCpusSpec } from "./world/shared-cpus.ts";
export { InterruptLine } from "./cpu/interrupt-line.ts";
export { ExactSum } from "./exact-sum.ts";
export { LinkSet, type Link, type LinkSpec, MAX_TRANSFER_BYTES } from "./link/link-set.ts";
export { type DownMode, type Lane } from "./link/lane.ts";
export type { Route } from "./link/route.ts";
export {
  BoundedQueue,
  type BoundedQueueOptions,
  NO_ITEM,
  QueueSide,
} from "./lock/bounded-queue.ts";
export { FolioLocks } from "./lock/folio-locks.ts";
export { Mutex } from "./lock/mutex.ts";
export { RangeLock } from "./lock/range-lock.ts";
export { MAX_READERS_WAKEUP, RwLock } from "./lock/rw-lock.ts";
export { Semaphore } from "./lock/semaphore.ts";
export { exponential } from "./random/exponential.ts";
export { RandomStream } from "./random/random-stream.ts";
export { RandomStreams } from "./random/random-streams.ts";
export { Zipf } from "./random/zipf.ts";
export * from "./record/activities.ts";
export { Breakdown } from "./record/breakdown.ts";
export {
  CHUNK_ROWS,
  type FaultChunk,
  FaultRecords,
  type FaultRecordsOptions,
} from "./record/fault-records.ts";
export {
  type BegunFault,
  type ChargedPrice,
  type FaultProbe,
  FaultWitness,
  type WitnessedDecision,
  type WitnessedWait,
  WitnessRecorder,
} from "./record/fault-witness.ts";
export { Hash128, type HashedColumn } from "./record/hash128.ts";
export { NumberRows } from "./record/number-rows.ts";
export {
  type EndedFault,
  RECORD_NONE,
  RunRecord,
  type RunRecordOptions,
  type TransferPart,
} from "./record/run-record.ts";
export { SliceLog } from "./record/slice-log.ts";
export { digestOfRecords, RecordDigest } from "./record/record-digest.ts";
export { StageClock } from "./record/stage-clock.ts";
export { EventQueue, NO_EVENT } from "./time/event-queue.ts";
export { LimitError } from "./time/limit-error.ts";
export * from "./time/sim-time.ts";
export * from "./wait/wait-kinds.ts";
export { WaitLedger, type LedgerEntry } from "./wait/wait-ledger.ts";
export { WaitQueue } from "./wait/wait-queue.ts";
export { WaitStats } from "./wait/wait-stats.ts";
export { type FinishedWait, type Waitable } from "./wait/waitable.ts";
export { PriceSheet } from "./price/price-sheet.ts";
export { type AccessStream, RangeStream } from "./world/access-stream.ts";
export { type AccessPart, PartsStream } from "./world/parts-stream.ts";
export { CPU_DEVICE, CpuThread } from "./world/cpu-thread.ts";
export { SERVICE_MODELS, serviceModelOf } from "./world/service-model.ts";
export { type ContextResult, type ContextSpec, TimedDevice } from "./world/timed-device.ts";
export {
  type CopiedPages,
  type TouchedPages,
  Traffic,
  TRAFFIC_WAYS,
  type TrafficWay,
} from "./world/traffic.ts";
export { TimedWorld, type TimedWorldSpec } from "./world/timed-world.ts";
export {
  Exchange,
  type ExchangeKind,
  EXCHANGES,
  type ExchangeSpec,
  type TurnNeed,
} from "./workload/exchange.ts";
export type { WorkloadPlugin, WorkloadSpec } from "./workload/workload-plugin.ts";
export { RecordedStream, type Recording } from "./workload/recorded-stream.ts";
export {
  type Pattern,
  PATTERNS,
  type PatternSpec,
  PatternStream,
} from "./workload/pattern-stream.ts";
