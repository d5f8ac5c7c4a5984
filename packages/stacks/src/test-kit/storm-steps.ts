// The steps that storms are made of, and random sequences of them. Used by tests only.
import fc from "fast-check";
import {
  MADV_COLD,
  MADV_COLLAPSE,
  MADV_DONTNEED,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MADV_PAGEOUT,
  MADV_POPULATE_WRITE,
} from "@faultline/engine";
import type { DeviceAccessKind } from "../device/device-stack.ts";
import { STORM_PAGES } from "./storm-process.ts";

/** What a step does. */
export type StormOp =
  | "cpu"
  | "fill"
  | "device"
  | "prefetch"
  | "evict"
  | "advise"
  | "pull"
  | "fork"
  | "exit"
  | "remap"
  | "hole"
  | "protect"
  | "madvise"
  | "hint";

/** One operation; numbers are taken modulo what there is. */
export interface StormStep {
  readonly op: StormOp;
  readonly process: number;
  readonly device: number;
  readonly access: DeviceAccessKind;
  readonly at: number;
  readonly nrPages: number;
  readonly advice: number;
  readonly waitMs: number;
}

/** Advices that the `madvise` step chooses from. */
export const STORM_MADVICE = [
  MADV_HUGEPAGE,
  MADV_COLLAPSE,
  MADV_DONTNEED,
  MADV_PAGEOUT,
  MADV_COLD,
  MADV_NOHUGEPAGE,
  MADV_POPULATE_WRITE,
] as const;

const OPS: readonly StormOp[] = [
  "cpu",
  "cpu",
  "fill",
  "device",
  "device",
  "device",
  "device",
  "prefetch",
  "evict",
  "advise",
  "pull",
  "fork",
  "exit",
  "remap",
  "hole",
  "protect",
  "madvise",
  "madvise",
  "hint",
];

/** Sequences of steps. */
export function stormSteps(maxLength = 30): fc.Arbitrary<StormStep[]> {
  const step = fc.record({
    op: fc.constantFrom(...OPS),
    process: fc.nat(2),
    device: fc.nat(2),
    access: fc.constantFrom("read", "write", "atomic" as DeviceAccessKind),
    at: fc.oneof(fc.nat(STORM_PAGES - 1), fc.nat(3), fc.constantFrom(512, 511, 1024)),
    nrPages: fc.constantFrom(1, 1, 3, 64, 512, 700),
    advice: fc.nat(100),
    waitMs: fc.constantFrom(0, 1, 3),
  });
  return fc.array(step, { maxLength, size: "max" });
}
