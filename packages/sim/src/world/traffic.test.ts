import { EFFORT_PLACE_DEVICE, EFFORT_PLACE_SWAP } from "@faultline/core";
import { expect, test } from "vitest";
import { Traffic } from "./traffic.ts";

test("copies between the same two ends add up, and nodes and swap are one end", () => {
  const traffic = new Traffic();
  traffic.copy(0, EFFORT_PLACE_DEVICE + 2, 5);
  traffic.copy(1, EFFORT_PLACE_DEVICE + 2, 7);
  traffic.copy(EFFORT_PLACE_DEVICE + 2, EFFORT_PLACE_DEVICE, 1);
  traffic.copy(EFFORT_PLACE_DEVICE, EFFORT_PLACE_SWAP, 3);
  expect(traffic.copied()).toEqual([
    { from: null, to: 2, nrPages: 12 },
    { from: 2, to: 0, nrPages: 1 },
    { from: 0, to: null, nrPages: 3 },
  ]);
});
