import {
  ACCESS_READ,
  ACCESS_WRITE,
  Breakdown,
  CPU_DEVICE,
  FaultRecords,
  STAGE_COPY,
  STAGE_MAP,
} from "@faultline/sim";
import { expect, test } from "vitest";
import { FaultSummary } from "./fault-summary.ts";

test("faults are summed up by device and access, with quantiles on the line between two", () => {
  const summary = new FaultSummary((device) => `gpu${device}`);
  const records = new FaultRecords({ sink: (chunk) => summary.add(chunk) });
  const breakdown = new Breakdown();
  const add = (device: number, access: number, copyPs: number, mapPs: number): void => {
    breakdown.clear();
    if (copyPs > 0) breakdown.spend(STAGE_COPY, copyPs);
    breakdown.spend(STAGE_MAP, mapPs);
    records.append(0, device, 1, 0, access, breakdown);
  };
  for (let n = 1; n <= 101; n++) add(0, ACCESS_WRITE, n * 1000 - 400, 400);
  add(1, ACCESS_READ, 30, 10);
  add(CPU_DEVICE, ACCESS_READ, 0, 7);
  records.flush();
  const kinds = summary.kindsOfFaults();
  expect(kinds.map(({ device, access, nrFaults }) => `${device} ${access} ${nrFaults}`)).toEqual([
    "gpu0 write 101",
    "gpu1 read 1",
    "cpu read 1",
  ]);
  const [first, second, cpu] = kinds;
  expect([first?.p50Ps, first?.p90Ps, first?.p99Ps, first?.maxPs, first?.meanPs]).toEqual([
    51_000, 91_000, 100_000, 101_000, 51_000,
  ]);
  expect(second?.shares).toEqual({ copy: 0.75, map: 0.25 });
  expect(cpu?.shares).toEqual({ map: 1 });
});

test("there are no kinds without faults", () => {
  expect(new FaultSummary(String).kindsOfFaults()).toEqual([]);
});
