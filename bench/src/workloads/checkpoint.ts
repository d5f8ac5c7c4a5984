// Checkpoints of a machine with 1 GiB in use.
import { type Checkpoint, takeCheckpoint } from "@faultline/core";
import type { Workload } from "../workload.ts";
import { AddressSpaceUnderTest, START } from "./address-space.ts";

/** `checkpoint/take` */
export function checkpointTake(): Workload {
  const space = new AddressSpaceUnderTest();
  space.map();
  space.writeAll();
  let last: Checkpoint | null = null;
  return {
    name: "checkpoint/take",
    unit: "ns/op",
    nrUnits: 1,
    nrBatches: 100,
    run: () => {
      last = takeCheckpoint(space.world);
      if (last.fields.size === 0) throw new Error("empty checkpoint");
    },
  };
}

/** `checkpoint/first-write`: the first write to a page after a checkpoint copies its chunks. */
export function checkpointFirstWrite(): Workload {
  const space = new AddressSpaceUnderTest();
  space.map();
  space.writeAll();
  const { world } = space;
  const pfn = space.task.mm.pageTable.val(START);
  let checkpoint: Checkpoint | null = null;
  return {
    name: "checkpoint/first-write",
    unit: "ns/op",
    nrUnits: 1,
    nrBatches: 100,
    prepare: () => {
      checkpoint = takeCheckpoint(world);
    },
    run: () => {
      world.frames.setContent(pfn, checkpoint === null ? 0 : 7);
    },
  };
}
