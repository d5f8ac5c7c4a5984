// A report's run of a few made-up faults, for tests of figures, pages and traces.
import { EFFORT_PLACE_DEVICE } from "@faultline/core";
import {
  CPU_DEVICE,
  FaultRecords,
  NR_STAGES,
  RunRecord,
  STAGE_COPY,
  STAGE_REPLAY,
  STAGE_RESOLVE,
  StageClock,
  WAIT_LOCK,
} from "@faultline/sim";
import { FaultSummary } from "../faults/fault-summary.ts";
import type { ReportRun } from "../html/report-run.ts";

const US = 1e6;
const VRAM = EFFORT_PLACE_DEVICE;

/** Four faults of gpu0, 10 to 40 us apart from each other, each with a copy; and one of a CPU. */
export function smallReport(profile = "some-profile", factor = 1): ReportRun {
  const nameOf = (device: number): string => `gpu${device}`;
  const record = new RunRecord({ hasTimeline: true });
  const summary = new FaultSummary(nameOf);
  const records = new FaultRecords({ sink: (chunk) => summary.add(chunk) });
  const clock = new StageClock();
  clock.slices = record.sliceLog();
  for (let n = 0; n < 4; n++) {
    const startPs = n * 100 * US;
    const copyPs = 10 * US * factor * (n + 1);
    clock.start(STAGE_RESOLVE, startPs);
    clock.charge(WAIT_LOCK, 2 * US, startPs + 2 * US);
    const parts = [{ from: 0, to: VRAM, nrPages: 16 }];
    record.transfer({ parts, ps: copyPs, engine: 0 }, clock);
    record.allocate(VRAM, 16);
    record.begin({ stagePs: new Float64Array(NR_STAGES) }, startPs + 3 * US);
    clock.assign(STAGE_COPY, copyPs, startPs + 3 * US + copyPs);
    clock.switchTo(STAGE_REPLAY, startPs + 3 * US + copyPs);
    const endPs = startPs + 4 * US + copyPs;
    clock.finish(endPs);
    records.append(startPs, 0, 1, 0x100 + n, 1, clock.breakdown);
    record.fault({ startPs, device: 0, process: 1, page: 0x100 + n, access: 1, place: 0 }, clock);
  }
  clock.start(STAGE_RESOLVE, 500 * US);
  clock.finish(501 * US);
  records.append(500 * US, CPU_DEVICE, 1, 0x100, 0, clock.breakdown);
  const fault = { startPs: 500 * US, device: CPU_DEVICE, process: 1, page: 0x100, access: 0 };
  record.fault({ ...fault, place: 3 }, clock);
  records.flush();
  const step = { number: 1, line: 4, text: "app: touch <heap>", result: "ok", mismatches: [] };
  return {
    run: { scenario: "dir/some.yaml", profile, seed: 7, pageBytes: 4096, nameOf },
    title: "Some <title>",
    kernel: "7.2-fixed",
    devices: [{ name: "gpu0", driver: "xe", profile }],
    passed: true,
    ended: null,
    steps: [{ ...step, beganPs: 0, tookPs: 501 * US }],
    expectations: [],
    simulatedPs: 501 * US,
    nrFaults: 5,
    shareAssumed: 0.25,
    digest: "0123456789abcdef",
    counters: { gpu0: { svm_pagefault_count: 4, never: 0 } },
    kinds: summary.kindsOfFaults(),
    latenciesOf: (kind) => summary.latenciesOf(kind),
    record,
    machine: null,
    source: "version: 1 # <here>\n",
    uncertainty: null,
  };
}
