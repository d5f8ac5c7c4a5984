import { World } from "@faultline/core";
import { describe, expect, it } from "vitest";
import { HMM_PFN_REQ_FAULT, HMM_PFN_REQ_WRITE, HMM_PFN_VALID, HMM_PFN_WRITE } from "./hmm-pfn.ts";
import { HmmRange } from "./hmm-range.ts";
import {
  HMM_NEED_FAULT,
  HMM_NEED_WRITE_FAULT,
  hmmPteNeedFault,
  hmmRangeNeedFault,
} from "./hmm-requirement.ts";

const READ = HMM_PFN_REQ_FAULT;
const WRITE: number = HMM_PFN_REQ_FAULT | HMM_PFN_REQ_WRITE;
const R = HMM_PFN_VALID;
const W: number = HMM_PFN_VALID | HMM_PFN_WRITE;
const BOTH: number = HMM_NEED_FAULT | HMM_NEED_WRITE_FAULT;

describe("what one page needs", () => {
  const table: readonly [string, number, number, number][] = [
    ["no request, absent", 0, 0, 0],
    ["a write bit without a fault bit", HMM_PFN_REQ_WRITE, 0, 0],
    ["read, absent", READ, 0, HMM_NEED_FAULT],
    ["read, readable", READ, R, 0],
    ["write, absent", WRITE, 0, BOTH],
    ["write, readable", WRITE, R, BOTH],
    ["write, writable", WRITE, W, 0],
  ];
  it.each(table)("%s", (_name, request, offered, need) => {
    expect(hmmPteNeedFault(request, offered)).toBe(need);
  });
});

describe("what a span needs", () => {
  const mm = new World().createMm();

  it("is decided by the defaults alone when no page has a say", () => {
    const range = new HmmRange({ mm, start: 10, end: 20 });
    range.flags.fill(WRITE);
    expect(hmmRangeNeedFault(range, 10, 20, 0)).toBe(0);
    range.defaultFlags = READ;
    expect(hmmRangeNeedFault(range, 10, 20, 0)).toBe(HMM_NEED_FAULT);
  });

  it("is the union over its own pages, not over others", () => {
    const range = new HmmRange({ mm, start: 10, end: 20, pfnFlagsMask: WRITE });
    range.flags[3] = READ;
    range.flags[7] = WRITE;
    expect(hmmRangeNeedFault(range, 10, 13, 0)).toBe(0);
    expect(hmmRangeNeedFault(range, 10, 14, 0)).toBe(HMM_NEED_FAULT);
    expect(hmmRangeNeedFault(range, 10, 20, 0)).toBe(BOTH);
  });
});
