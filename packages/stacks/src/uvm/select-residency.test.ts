import { expect, test } from "vitest";
import {
  type ResidencyQuestion,
  selectResidency,
  UVM_ID_CPU,
  type UvmProcessors,
} from "./select-residency.ts";

const ALL: UvmProcessors = {
  hasMemory: () => true,
  canAccess: () => true,
  hasNativeAtomics: () => true,
};
const ISOLATED: UvmProcessors = { ...ALL, canAccess: () => false, hasNativeAtomics: () => false };

/** GPU 1 reads a page that is on GPU 2. */
const PLAIN: ResidencyQuestion = {
  faulting: 1,
  access: "read",
  mustBeCpu: false,
  isReadDuplicated: false,
  preferred: null,
  isHmmBlock: false,
  pinned: null,
  resident: 2,
  isAccessedBy: false,
  isAccessCounter: false,
  mapRemoteOnNativeAtomicsFault: false,
  isForeignContext: false,
};
const ATOMIC = { access: "atomic", mapRemoteOnNativeAtomicsFault: true } as const;
const FOREIGN = { faulting: UVM_ID_CPU, isForeignContext: true };

const ROWS: readonly [number, number, Partial<ResidencyQuestion>, UvmProcessors][] = [
  [1, UVM_ID_CPU, { mustBeCpu: true, isReadDuplicated: true, preferred: 1, pinned: 3 }, ALL],
  [2, 1, { isReadDuplicated: true, preferred: 3, pinned: 3 }, ALL],
  [3, 1, { preferred: 1, pinned: 3 }, ALL],
  [4, UVM_ID_CPU, { faulting: UVM_ID_CPU, isHmmBlock: true, pinned: 3 }, ALL],
  [5, 3, { pinned: 3, resident: null }, ALL],
  [6, 3, { resident: null, preferred: 3 }, ALL],
  [6, 1, { resident: null, preferred: 3 }, ISOLATED],
  [7, 2, { isAccessedBy: true, preferred: 3 }, ALL],
  [9, 3, { isAccessedBy: true, isAccessCounter: true, preferred: 3 }, ALL],
  [8, 2, { ...ATOMIC, preferred: 3 }, ALL],
  [9, 3, { preferred: 3, access: "atomic" }, ALL],
  [10, 2, FOREIGN, ALL],
  [11, UVM_ID_CPU, FOREIGN, ISOLATED],
  [11, 1, { ...ATOMIC, isAccessedBy: true, preferred: 3 }, ISOLATED],
];

test.each(ROWS)("rule %i puts the page on processor %i (%o)", (rule, residency, change, links) => {
  expect(selectResidency({ ...PLAIN, ...change }, links)).toEqual({ rule, residency });
});

test("a processor without memory of its own is replaced by the CPU", () => {
  const processors = { ...ALL, hasMemory: (processor: number) => processor !== 1 };
  expect(selectResidency(PLAIN, processors)).toEqual({ rule: 11, residency: UVM_ID_CPU });
});
