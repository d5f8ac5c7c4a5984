// Replays the cases of a case file that have a record.

import { type LoadedFiles, loadFiles } from "./load-files.ts";
import type { KernelFactory, KernelPresetName } from "./kernel-under-test.ts";
import { replayCase } from "./replay.ts";
import { type ConformanceReport, ReportBuilder } from "./report.ts";

/** How to replay; everything but the kernel has a default. */
export interface ReplayOptions {
  /** Creates the kernel each case runs on. */
  readonly createKernel: KernelFactory;
  /** Default: `7.2.12`, as released. */
  readonly preset?: KernelPresetName;
  /** Only cases of these categories. */
  readonly categories?: readonly string[];
  /** Only cases with these ids. */
  readonly ids?: readonly string[];
  /** Called after every case with the number of cases done and to do. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Reads, joins and replays two files; they may end in .gz or .br. */
export function replayFiles(
  casesPath: string,
  recordsPath: string,
  options: ReplayOptions,
): ConformanceReport {
  return replayLoaded(loadFiles(casesPath, recordsPath), options);
}

/** Replays what loadFiles() read. */
export function replayLoaded(files: LoadedFiles, options: ReplayOptions): ConformanceReport {
  const { createKernel, preset = "7.2.12", onProgress } = options;
  const builder = new ReportBuilder();
  const categories = options.categories && new Set(options.categories);
  const ids = options.ids && new Set(options.ids);
  const chosen = files.recorded.filter(
    ({ case: { id, category } }) => (categories?.has(category) ?? true) && (ids?.has(id) ?? true),
  );
  chosen.forEach((recorded, index) => {
    const result = replayCase(recorded.case, recorded.record, createKernel, preset);
    builder.add(recorded.case.category, result);
    onProgress?.(index + 1, chosen.length);
  });
  return builder.build(preset, files);
}
