// hmm_range_fault and migration to a device and back.
import { MmuIntervalNotifier, MmuNotifierSubscriptions } from "@faultline/core";
import {
  HMM_PFN_REQ_FAULT,
  HMM_PFN_REQ_WRITE,
  hmmRangeFault,
  HmmRange,
  runToCompletion,
} from "@faultline/engine";
import {
  createDmirrorCmd,
  type Dmirror,
  DmirrorDevice,
  dmirrorMigrateToDevice,
  dmirrorMigrateToSystem,
  dmirrorOpen,
} from "@faultline/stacks";
import type { Workload } from "../workload.ts";
import { AddressSpaceUnderTest, BATCH, BatchCursor, NR_PAGES, START } from "./address-space.ts";

/** `hmm_range_fault/snapshot` of 1 GiB, everything present. */
export function hmmSnapshot(): Workload {
  const space = new AddressSpaceUnderTest();
  space.map();
  space.writeAll();
  const { mm } = space.task;
  const range = new HmmRange({ mm, start: START, end: START + NR_PAGES });
  return {
    name: "hmm_range_fault/snapshot",
    unit: "ns/page",
    nrUnits: NR_PAGES,
    nrBatches: 60,
    run: () => {
      range.moveTo(START, START + NR_PAGES);
      if (hmmRangeFault(space.world, space.task, range) !== 0) throw new Error("snapshot failed");
    },
  };
}

/** `hmm_range_fault/fault`: a device writes memory that nobody touched yet. */
export function hmmFault(): Workload {
  const space = new AddressSpaceUnderTest();
  const { mm } = space.task;
  space.map();
  mm.notifierSubscriptions ??= new MmuNotifierSubscriptions();
  const notifier = new MmuIntervalNotifier(mm, START, START + NR_PAGES, () => undefined);
  mm.notifierSubscriptions.insert(notifier);
  const cursor = new BatchCursor(() => {
    space.unmap();
    space.map();
  });
  const defaultFlags = HMM_PFN_REQ_FAULT | HMM_PFN_REQ_WRITE;
  const range = new HmmRange({ mm, start: START, end: START + BATCH, defaultFlags });
  return {
    name: "hmm_range_fault/fault",
    unit: "ns/page",
    nrUnits: BATCH,
    nrBatches: 192,
    prepare: () => cursor.advance(),
    run: () => {
      range.moveTo(cursor.start, cursor.start + BATCH);
      if (hmmRangeFault(space.world, space.task, range) !== 0) throw new Error("fault failed");
      space.world.effort.clear();
    },
  };
}

interface MigrationBench {
  readonly space: AddressSpaceUnderTest;
  readonly toDevice: (from: number, nrPages: number) => void;
  readonly toSystem: (from: number, nrPages: number) => void;
}

function migrationBench(): MigrationBench {
  const space = new AddressSpaceUnderTest();
  space.map();
  space.writeAll();
  const { world, task } = space;
  const file: Dmirror = dmirrorOpen(world, new DmirrorDevice(world, 0, false), task.mm);
  const move =
    (command: typeof dmirrorMigrateToDevice) =>
    (from: number, nrPages: number): void => {
      const cmd = createDmirrorCmd(from, nrPages);
      const rc = runToCompletion(command(world, task, file, cmd));
      if (rc !== 0) throw new Error(`migration failed: ${rc}`);
      world.effort.clear();
    };
  return {
    space,
    toDevice: move(dmirrorMigrateToDevice),
    toSystem: move(dmirrorMigrateToSystem),
  };
}

/** `migrate/to-device`: the test driver moves 4 KiB pages into private memory. */
export function migrateToDevice(): Workload {
  const { toDevice, toSystem } = migrationBench();
  let isFirst = true;
  const cursor = new BatchCursor(() => {
    if (!isFirst) toSystem(START, NR_PAGES);
    isFirst = false;
  });
  return {
    name: "migrate/to-device",
    unit: "ns/page",
    nrUnits: BATCH,
    nrBatches: 128,
    prepare: () => cursor.advance(),
    run: () => toDevice(cursor.start, BATCH),
  };
}

/** `migrate/to-system`: and back. */
export function migrateToSystem(): Workload {
  const { toDevice, toSystem } = migrationBench();
  const cursor = new BatchCursor(() => toDevice(START, NR_PAGES));
  return {
    name: "migrate/to-system",
    unit: "ns/page",
    nrUnits: BATCH,
    nrBatches: 128,
    prepare: () => cursor.advance(),
    run: () => toSystem(cursor.start, BATCH),
  };
}
