// What comes of reading a trace or a summary of another tool: accesses that can be replayed, times
// that a profile can be fitted to, or both.
import type { Diagnostic } from "@faultline/diagnostics";
import type { TraceAccessName } from "./access-trace.ts";

/** One access, or one fault, as it was recorded. */
export interface RecordedAccess {
  /** Nanoseconds since the first one; null where the trace has no times. */
  readonly timeNs: number | null;
  /** Who accessed: `PROCESS` or `PROCESS/DEVICE`, in the words of the trace. */
  readonly who: string;
  readonly address: number;
  readonly access: TraceAccessName;
  readonly sizeBytes: number;
}

/**
 * The work that a measured time is of: a whole fault in the driver, and in it the collection of
 * pages, their migration, the transfer alone, the bind into the device's table; a flush of the
 * device's TLB; a batch of faults.
 */
export type MeasuredWork = "fault" | "collect" | "migrate" | "copy" | "bind" | "flush" | "batch";

/** Times of the same work, one by one or added up. */
export interface MeasuredTimes {
  /** One line. */
  readonly what: string;
  readonly work: MeasuredWork;
  /** Bytes that one of them is about; 0 where the file does not say. */
  readonly sizeBytes: number;
  /** Where pages move; null where none do, or where nobody knows. */
  readonly path: "to_device" | "to_system" | null;
  /** Microseconds of each, where they are known; else empty. */
  readonly samplesUs: readonly number[];
  readonly totalUs: number;
  readonly count: number;
}

/** A trace or summary, read. */
export interface TraceImport {
  /** In the order of their times; null where the file has no addresses. */
  readonly accesses: readonly RecordedAccess[] | null;
  readonly times: readonly MeasuredTimes[];
  /** What the file says, under the names of docs/traces.md. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** What the file does not say of the accesses, and what was made of that; one sentence each. */
  readonly accessNotes: readonly string[];
  /** The same about the times, and about everything else. */
  readonly notes: readonly string[];
  /** Where one is an error, nothing else is to be used. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Nothing but what is wrong. */
export function refusedTrace(diagnostics: readonly Diagnostic[]): TraceImport {
  return { accesses: null, times: [], facts: {}, accessNotes: [], notes: [], diagnostics };
}

/** Times that are known one by one. */
export function sampledTimes(
  facts: Pick<MeasuredTimes, "what" | "work" | "sizeBytes" | "path">,
  samplesUs: readonly number[],
): MeasuredTimes {
  const totalUs = samplesUs.reduce((sum, us) => sum + us, 0);
  return { ...facts, samplesUs, totalUs, count: samplesUs.length };
}
