import { CPU_DEVICE, type FaultChunk, FaultRecords, STAGE_COPY, StageClock } from "@faultline/sim";
import { parquetReadObjects } from "hyparquet";
import { describe, expect, test } from "vitest";
import { tableAsParquet } from "./table-parquet.ts";
import { FaultTable } from "./fault-table.ts";
import type { NamedRun } from "./named-run.ts";
import { tableAsCsv, tableAsJsonl } from "./table-text.ts";

const RUN: NamedRun = {
  scenario: 'a "quoted", name.yaml',
  profile: "host-cpu",
  seed: 7,
  pageBytes: 4096,
  nameOf: (device) => `gpu${device}`,
};

/** Faults of 5 us, of which 2 are a copy; the last is a CPU's. */
function chunkOf(nrFaults: number): FaultChunk {
  const records = new FaultRecords();
  const clock = new StageClock();
  for (let n = 0; n < nrFaults; n++) {
    clock.start(0, n);
    clock.assign(STAGE_COPY, 2_000_000, n + 5_000_000);
    clock.finish(n + 5_000_000);
    records.append(n, n + 1 === nrFaults ? CPU_DEVICE : 1, 3, 2 ** 40 + n, 1, clock.breakdown);
  }
  return records.chunks[0] as FaultChunk;
}

function tableOf(nrFaults: number): FaultTable {
  const table = new FaultTable();
  table.add(RUN, chunkOf(nrFaults));
  return table;
}

describe("a table of faults", () => {
  test("has a column for every stage and wait, whose sum is the latency", () => {
    const [row] = tableAsJsonl(tableOf(1)).trim().split("\n");
    const values = JSON.parse(row ?? "") as Record<string, number>;
    expect(values).toMatchObject({ device: "cpu", access: "write", page: 2 ** 40, copy_ps: 2e6 });
    const parts = Object.entries(values).filter(([name]) => /^(?!start|latency).*_ps$/.test(name));
    expect(parts.reduce((sum, [, ps]) => sum + ps, 0)).toBe(values["latency_ps"]);
    expect(Object.keys(values)).toContain("wait_lock_ps");
  });

  test("as comma-separated values quotes what has commas and quotes", () => {
    const [head, first] = tableAsCsv(tableOf(2)).split("\n");
    expect(head).toMatch(
      /^scenario,profile,seed,fault,start_ps,latency_ps,device,process,page,access,/,
    );
    expect(first).toMatch(
      /^"a ""quoted"", name.yaml",host-cpu,7,0,0,5000000,gpu1,3,1099511627776,/,
    );
  });

  test("adds run to run, and grows", () => {
    const table = tableOf(3000);
    table.add({ ...RUN, profile: "other" }, chunkOf(3000));
    expect(table.nrRows).toBe(6000);
    const lines = tableAsCsv(table).trimEnd().split("\n");
    expect(lines.length).toBe(6001);
    expect(lines.filter((line) => line.includes(",other,")).length).toBe(3000);
  });

  test("comes back from Parquet as it was, and is written alike each time", async () => {
    const table = tableOf(100);
    const origin = { createdBy: "faultline test" };
    const bytes = await tableAsParquet(table, origin);
    expect(await tableAsParquet(tableOf(100), origin)).toEqual(bytes);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    const rows = await parquetReadObjects({ file: file as ArrayBuffer });
    const expected = tableAsJsonl(table)
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const plain = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          typeof value === "bigint" ? Number(value) : (value as unknown),
        ]),
      ),
    );
    expect(plain).toEqual(expected);
  });

  test("without faults has its columns all the same", async () => {
    const table = new FaultTable();
    expect(tableAsCsv(table).trim().split("\n").length).toBe(1);
    expect(tableAsJsonl(table)).toBe("");
    expect((await tableAsParquet(table, { createdBy: "t" })).length).toBeGreaterThan(0);
  });
});
