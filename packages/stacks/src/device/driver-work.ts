// What a driver does itself, written into the log of what the kernel spends: in which stage of a
// device fault, and how many folios, entries or flushes it had. Profiles price it.
import {
  EFFORT_DRIVER_COPY_JOB,
  EFFORT_DRIVER_RANGE,
  EFFORT_DRIVER_WORK,
  EFFORT_PLACE_DEVICE,
  STAGE_INVALIDATE,
  STAGE_UNMAP,
  STAGE_DMA_MAP,
  type World,
} from "@faultline/core";
import {
  type AttachedDevice,
  HMM_PFN_VALID,
  hmmPfnToMapOrder,
  type HmmRange,
  MIGRATE_PFN_COMPOUND,
  type MigrateWords,
} from "@faultline/engine";
import { MIGRATES } from "./fill-targets.ts";

/** Notes folios of `order` that a stage handled for a device. */
export function noteWork(
  { effort }: World,
  { device }: AttachedDevice,
  stage: number,
  count: number,
  order: number,
): void {
  if (count === 0) return;
  const before = effort.enterStage(stage);
  effort.add(EFFORT_DRIVER_WORK, count, order, EFFORT_PLACE_DEVICE + device.index);
  effort.enterStage(before);
}

/** Notes that a driver begins with a range that it serves as one. */
export function noteRange(
  { effort }: World,
  { device }: AttachedDevice,
  isFirstUse: boolean,
): void {
  effort.add(EFFORT_DRIVER_RANGE, 1, isFirstUse ? 1 : 0, EFFORT_PLACE_DEVICE + device.index);
}

/** Notes jobs that a driver hands the copy engine of a device. */
export function noteCopyJobs({ effort }: World, { device }: AttachedDevice, nrJobs: number): void {
  if (nrJobs > 0) effort.add(EFFORT_DRIVER_COPY_JOB, nrJobs, 0, EFFORT_PLACE_DEVICE + device.index);
}

/** Notes a flush of the device's TLB. */
export function noteFlush(world: World, attached: AttachedDevice): void {
  noteWork(world, attached, STAGE_INVALIDATE, 1, 0);
}

/** Notes the folios that a walk has found. */
export function noteFound(
  world: World,
  attached: AttachedDevice,
  stage: number,
  range: HmmRange,
): void {
  const nrPages = range.end - range.start;
  let nrSingle = 0;
  let nrLarge = 0;
  let largeOrder = 0;
  for (let i = 0; i < nrPages; ) {
    const flags = range.flags[i] as number;
    const order = hmmPfnToMapOrder(flags);
    // A large folio that the range begins inside of counts whole, once.
    const step = order === 0 ? 1 : (1 << order) - ((range.start + i) % (1 << order));
    if ((flags & HMM_PFN_VALID) !== 0) {
      if (order === 0) nrSingle++;
      else nrLarge++;
      largeOrder = Math.max(largeOrder, order);
    }
    i += step;
  }
  noteWork(world, attached, stage, nrSingle, 0);
  noteWork(world, attached, stage, nrLarge, largeOrder);
}

/** Notes what a migration has taken away from CPUs, and mapped for the copy engine. */
export function noteCollected(world: World, attached: AttachedDevice, args: MigrateWords): void {
  let nrSingle = 0;
  let nrLarge = 0;
  for (let i = 0; i < args.nrPages; i++) {
    const flags = args.srcFlags[i] as number;
    if ((flags & MIGRATES) !== MIGRATES) continue;
    if ((flags & MIGRATE_PFN_COMPOUND) === 0) nrSingle++;
    else nrLarge++;
  }
  for (const stage of [STAGE_UNMAP, STAGE_DMA_MAP]) {
    noteWork(world, attached, stage, nrSingle, 0);
    noteWork(world, attached, stage, nrLarge, world.geometry.pmdOrder);
  }
}
