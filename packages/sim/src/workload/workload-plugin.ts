// A pattern of one's own: what programs of a `workload` step touch, and in which order.
import type { KnobRule } from "@faultline/stacks";
import type { RandomStream } from "../random/random-stream.ts";
import type { AccessStream } from "../world/access-stream.ts";

/** What a step asks one of its programs to touch. */
export interface WorkloadSpec {
  /** First page of the range. */
  readonly start: number;
  readonly nrPages: number;
  /** Accesses that the step wants; a pattern that has an end of its own may have fewer. */
  readonly count: number;
  /** ACCESS_* of accesses that change something. */
  readonly access: number;
  /** Percent of the accesses that are `access`; the others read. */
  readonly changePercent: number;
  /** Which program of how many. */
  readonly program: number;
  readonly nrPrograms: number;
  /** The program's own stream: the same for the same seed. */
  readonly random: RandomStream;
  /** What a write stores, so that steps can tell whose it was. */
  readonly valueAt: (page: number) => number;
  /** What the step says under `knobs`, checked. */
  readonly knobs: Readonly<Record<string, unknown>>;
}

/** A pattern by name. */
export interface WorkloadPlugin {
  /** What a step's `pattern:` says. */
  readonly name: string;
  /** What its parameters may be, by name: `wholeNumber(1, 8)`, `oneOf("a", "b")`, `SWITCH`, … */
  readonly knobs?: Readonly<Record<string, KnobRule>>;
  /** The accesses of one program; pages outside of the range fault as a stray pointer does. */
  stream(spec: WorkloadSpec): AccessStream;
}
