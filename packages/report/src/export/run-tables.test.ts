import { EFFORT_PLACE_DEVICE, EFFORT_PLACE_SWAP } from "@faultline/core";
import {
  CPU_DEVICE,
  RECORD_NONE,
  RunRecord,
  STAGE_COPY,
  STAGE_RESOLVE,
  StageClock,
  WAIT_LOCK,
} from "@faultline/sim";
import { describe, expect, test } from "vitest";
import { MigrationTable } from "./migration-table.ts";
import { type NamedRun, placeName } from "./named-run.ts";
import { StageTable } from "./stage-table.ts";
import { tableAsCsv } from "./table-text.ts";

const RUN: NamedRun = {
  scenario: "s.yaml",
  profile: "p",
  seed: 3,
  pageBytes: 4096,
  nameOf: (device) => `gpu${device}`,
};

/** Two faults: one that waits and copies pages to gpu1, and one of a CPU. */
function smallRecord(): RunRecord {
  const record = new RunRecord({ hasTimeline: true });
  const clock = new StageClock();
  clock.slices = record.sliceLog();
  clock.start(STAGE_RESOLVE, 100);
  clock.charge(WAIT_LOCK, 40, 140);
  const to = EFFORT_PLACE_DEVICE + 1;
  record.transfer({ parts: [{ from: 0, to, nrPages: 4 }], ps: 50, engine: 1 }, clock);
  clock.assign(STAGE_COPY, 50, 200);
  clock.finish(200);
  const fault = { process: 1, page: 7, access: 1 };
  record.fault({ ...fault, startPs: 100, device: 1, place: 0 }, clock);
  clock.start(STAGE_RESOLVE, 300);
  clock.finish(305);
  record.fault({ ...fault, startPs: 300, device: CPU_DEVICE, place: 2 }, clock);
  record.transfer({ parts: [{ from: to, to: 1, nrPages: 1 }], ps: 9, engine: RECORD_NONE }, null);
  return record;
}

describe("tables of a run", () => {
  test("have a row for each copy, with who copied and for which fault", () => {
    const table = new MigrationTable();
    table.add(RUN, smallRecord());
    table.add({ ...RUN, profile: "q" }, smallRecord());
    expect(table.nrRows).toBe(4);
    const [head, first, second, third] = tableAsCsv(table).split("\n");
    expect(head).toBe(
      "scenario,profile,seed,start_ps,duration_ps,from_place,to_place,pages,bytes,copied_by,fault",
    );
    expect(first).toBe("s.yaml,p,3,0,50,node 0,gpu1,4,16384,gpu1,0");
    expect(second).toBe("s.yaml,p,3,0,9,gpu1,node 1,1,4096,cpu,-1");
    expect(third).toMatch(/^s.yaml,q,/);
  });

  test("have a row for each stage and wait, in the order in which they were", () => {
    const table = new StageTable();
    table.add(RUN, smallRecord());
    expect(tableAsCsv(table).trimEnd().split("\n")).toEqual([
      "scenario,profile,seed,fault,device,start_ps,duration_ps,kind,activity",
      "s.yaml,p,3,0,gpu1,100,40,wait,lock",
      "s.yaml,p,3,0,gpu1,140,10,stage,resolve",
      "s.yaml,p,3,0,gpu1,150,50,stage,copy",
      "s.yaml,p,3,1,cpu,300,5,stage,resolve",
    ]);
  });

  test("name places as the rest of the program does", () => {
    const places = [2, EFFORT_PLACE_DEVICE + 5, EFFORT_PLACE_SWAP];
    expect(places.map((place) => placeName(RUN, place))).toEqual(["node 2", "gpu5", "swap"]);
  });
});
