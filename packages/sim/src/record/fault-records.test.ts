import { describe, expect, test } from "vitest";
import { PINNED_DIGEST, pinnedDigest, pinnedRun } from "../test-kit/pinned-run.ts";
import {
  ACCESS_READ,
  ACCESS_WRITE,
  STAGE_COPY,
  STAGE_DETECT,
  STAGE_REPLAY,
  waitActivity,
} from "./activities.ts";
import { Breakdown } from "./breakdown.ts";
import { CHUNK_ROWS, type FaultChunk, FaultRecords } from "./fault-records.ts";
import { digestOfRecords, RecordDigest } from "./record-digest.ts";

function breakdownOf(...spent: readonly (readonly [number, number])[]): Breakdown {
  const breakdown = new Breakdown();
  for (const [activity, ps] of spent) breakdown.spend(activity, ps);
  return breakdown;
}

/** Fills records with faults that differ. */
function fill(records: FaultRecords, nrFaults: number): void {
  const breakdown = new Breakdown();
  for (let i = 0; i < nrFaults; i++) {
    breakdown.clear();
    breakdown.spend(i % 11, i);
    records.append(i, i % 3, 1, i, ACCESS_READ, breakdown);
  }
}

describe("fault records", () => {
  test("keep what a fault was, and its latency is the sum of its shares", () => {
    const records = new FaultRecords();
    const breakdown = breakdownOf(
      [STAGE_DETECT, 10],
      [STAGE_REPLAY, 5],
      [waitActivity(0), 2 ** 40],
    );
    breakdown.spendBeside(STAGE_COPY, 77);
    records.append(2 ** 50, 65535, 2 ** 32 - 1, 2 ** 44, ACCESS_WRITE, breakdown);
    const { chunk, row } = records.locate(0);
    expect([chunk.timePs[row], chunk.device[row], chunk.process[row]]).toEqual([
      2 ** 50,
      65535,
      2 ** 32 - 1,
    ]);
    expect([chunk.page[row], chunk.access[row]]).toEqual([2 ** 44, ACCESS_WRITE]);
    expect(chunk.latencyPs[row]).toBe(15 + 2 ** 40);
    expect(chunk.besidePs[STAGE_COPY]?.[row]).toBe(77);
    expect([chunk.spentMask, chunk.besideMask]).toEqual([breakdown.spentMask, 1 << STAGE_COPY]);
  });

  test("grow chunk by chunk", () => {
    const records = new FaultRecords();
    fill(records, CHUNK_ROWS + 1);
    expect([records.nrFaults, records.chunks.length]).toEqual([CHUNK_ROWS + 1, 2]);
    const { chunk, row } = records.locate(CHUNK_ROWS);
    expect([row, chunk.timePs[row]]).toEqual([0, CHUNK_ROWS]);
    expect(() => records.locate(CHUNK_ROWS + 1)).toThrow("fault: ");
  });

  test("with a sink use one chunk again and again, and it starts empty", () => {
    const seen: [number, number, number][] = [];
    const chunks = new Set<FaultChunk>();
    const records = new FaultRecords({
      sink: (chunk) => {
        chunks.add(chunk);
        seen.push([chunk.nrRows, chunk.timePs[0] as number, chunk.spentPs[2]?.[1] ?? 0]);
      },
    });
    records.append(5, 0, 0, 0, ACCESS_READ, breakdownOf([0, 1]));
    records.append(6, 0, 0, 0, ACCESS_READ, breakdownOf([2, 1]));
    fill(records, 2 * CHUNK_ROWS);
    records.flush();
    records.flush();
    expect(seen.map(([nrRows]) => nrRows)).toEqual([CHUNK_ROWS, CHUNK_ROWS, 2]);
    // Row 1 spent time on activity 2 in the first chunk only.
    expect(seen.map(([, , ps]) => ps)).toEqual([1, 0, 0]);
    expect(chunks.size).toBe(1);
    expect(records.chunks.length).toBe(1);
  });
});

describe("the digest", () => {
  test("is the same for records that are kept and that are streamed", () => {
    const kept = new FaultRecords();
    fill(kept, 2 * CHUNK_ROWS + 5);
    const digest = new RecordDigest();
    const streamed = new FaultRecords({ sink: (chunk) => digest.add(chunk) });
    fill(streamed, 2 * CHUNK_ROWS + 5);
    streamed.flush();
    expect(digest.hex()).toBe(digestOfRecords(kept));
  });

  test("changes with every column", () => {
    const digestWith = (change: (chunk: FaultChunk) => void): string => {
      const records = new FaultRecords();
      records.append(1, 1, 1, 1, 1, breakdownOf([0, 1]));
      change(records.locate(0).chunk);
      return digestOfRecords(records);
    };
    const digests = [
      digestWith(() => undefined),
      digestWith((chunk) => (chunk.timePs[0] = 2)),
      digestWith((chunk) => (chunk.latencyPs[0] = 2)),
      digestWith((chunk) => (chunk.page[0] = 2)),
      digestWith((chunk) => (chunk.device[0] = 2)),
      digestWith((chunk) => (chunk.process[0] = 2)),
      digestWith((chunk) => (chunk.access[0] = 2)),
      digestWith((chunk) => chunk.spentPs[0]?.fill(2)),
      digestWith((chunk) => {
        chunk.spentPs[1]?.fill(1);
        chunk.spentMask |= 2;
      }),
      digestWith((chunk) => {
        chunk.besidePs = chunk.spentPs;
        chunk.besideMask = 1;
      }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe("a run with seed 42", () => {
  const records = pinnedRun(42);

  test("has the digest that it always had", () => {
    expect(records.nrFaults).toBe(2700);
    expect(digestOfRecords(records)).toBe(PINNED_DIGEST);
  });

  test("has it again, and another seed has another", () => {
    const digest = new RecordDigest();
    pinnedRun(42, { sink: (chunk) => digest.add(chunk) });
    expect(digest.hex()).toBe(digestOfRecords(records));
    expect(pinnedDigest(43)).not.toBe(digest.hex());
  });

  test("has faults whose shares add up to their latency", () => {
    let nrWithLock = 0;
    for (let fault = 0; fault < records.nrFaults; fault++) {
      const { chunk, row } = records.locate(fault);
      const shares = chunk.spentPs.map((column) => column[row] as number);
      expect(shares.reduce((sum, ps) => sum + ps, 0)).toBe(chunk.latencyPs[row]);
      expect(shares.every((ps) => ps >= 0)).toBe(true);
      if ((shares[waitActivity(0)] as number) > 0) nrWithLock++;
    }
    expect(nrWithLock).toBeGreaterThan(0);
  });
});
