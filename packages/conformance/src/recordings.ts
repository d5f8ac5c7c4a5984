// The recordings that come with this package: pairs of a case file and a record file.

import { fileURLToPath } from "node:url";
import type { KernelPresetName } from "./kernel-under-test.ts";

/** One pair of files and the kernel that answered. */
export interface RecordingSet {
  readonly name: string;
  readonly preset: KernelPresetName;
  /** What is in it, in one clause. */
  readonly about: string;
  readonly casesPath: string;
  readonly recordsPath: string;
}

function recordingSet(name: string, about: string, preset: KernelPresetName): RecordingSet {
  const path = (kind: string): string =>
    fileURLToPath(new URL(`../recordings/${name}-${kind}.jsonl.br`, import.meta.url));
  return { name, preset, about, casesPath: path("cases"), recordsPath: path("records") };
}

/** Every set, described in recordings/README.md. */
export const RECORDING_SETS: readonly RecordingSet[] = [
  recordingSet(
    "memory",
    "anonymous memory, fork, THP, NUMA, swap, coherent memory, pins",
    "7.2.12",
  ),
  recordingSet("subsystems", "khugepaged, NUMA hints, KSM, files, userfaultfd", "7.2.12"),
  recordingSet("mixed", "long sequences that mix every feature", "7.2.12"),
  recordingSet("driver", "the test driver's commands, RELEASE and failures included", "7.2.12"),
  recordingSet("findings", "short sequences that each settle one question", "7.2.12"),
  recordingSet("fixed", "the cases that the fixed kernel answers otherwise", "7.2-fixed"),
  recordingSet("races", "device and CPU at the same time; only invariants mean anything", "7.2.12"),
];
