// What one line of the scale study is: a quantity of the simulator over GPUs, pages or processes.
import type { Growth } from "./curve.ts";

/** What one point came to. */
export interface ScaleSample {
  /** Of this machine, for each unit. */
  readonly ns: number;
  /** That the simulator holds, for each page that is in use. */
  readonly bytesPerPage?: number;
  /** What the kernel model does for each unit; the same on every machine. */
  readonly work?: number;
}

/** A quantity that a sample has. */
export type ScaleQuantity = keyof ScaleSample;

/** One line of the study. */
export interface ScaleAxis {
  readonly name: string;
  /** One line: what grows, and what is counted. */
  readonly what: string;
  /** What `x` is. */
  readonly of: "GPUs" | "pages" | "processes";
  /** What the quantities are for one of. */
  readonly unit: string;
  /** What `work` counts, where there is any. */
  readonly workUnit?: string;
  readonly points: readonly number[];
  /** More of them, for `--full`. */
  readonly fullPoints: readonly number[];
  /** Said before anything is measured. */
  readonly expected: Readonly<Partial<Record<ScaleQuantity, Growth>>>;
  /** Why it is expected. */
  readonly because: string;
  /** Does it once; memory is looked at when it is asked for. */
  readonly measure: (x: number, withMemory: boolean) => ScaleSample;
}
