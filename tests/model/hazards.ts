// Steps whose outcome the test driver leaves to chance, or that lose data in Linux too, so that no
// model of what a process must read can know it.
import {
  AddressSpace,
  FRAME_DIRTY,
  FRAME_KSM,
  LEAF_DEVICE_PRIVATE,
  LEAF_DIRTY,
  LEAF_KIND_MASK,
  LEAF_PRESENT,
  type MmStruct,
  type VmAreaStruct,
} from "@faultline/core";
import { walkTables } from "@faultline/engine";
import { type PlannedStep, pageState, type ScenarioMachine } from "@faultline/scenario";

/**
 * A device access through a mirror entry that outlived its page, or through the wrong frames that
 * Linux 7.2 names for a huge page on a device: it would read or overwrite somebody else's memory.
 */
export function isHazardous(machine: ScenarioMachine, planned: PlannedStep): boolean {
  const { step } = planned;
  if (step.do === "ksm") return hasMergedDevicePage(machine);
  if (step.do === "migrate_to_device") return mapsUnknownMergedPage(machine, planned.process);
  if (step.do === "madvise" && step.advice === "MADV_PAGEOUT") {
    return holdsUndirtiedWrite(machine, planned.process);
  }
  if (step.do !== "device_read" && step.do !== "device_write") return false;
  const process = machine.processes.get(planned.process);
  if (process === undefined) return false;
  const { mm } = process.task;
  const file = process.files.get(machine.deviceNames.indexOf(step.device));
  const hasDefect = machine.world.kernel.defects.absentPmdFrameOffset;
  for (let page = planned.start; page < planned.start + planned.nrPages; page++) {
    if (hasDefect && isHugeDevicePage(mm, page)) return true;
    if (file === undefined || file.mirror.tag(page) < 0) continue;
    if (file.mirror.pfn(page) !== namedFrame(machine, mm, page)) return true;
  }
  return false;
}

/** Linux 7.2 oopses when ksmd meets a merged page that has moved to a device. */
function hasMergedDevicePage({ world, processes }: ScenarioMachine): boolean {
  let isFound = false;
  const leaf = (_page: number, bits: number, val: number): void => {
    if ((bits & LEAF_KIND_MASK) !== LEAF_DEVICE_PRIVATE) return;
    if ((world.frames.flags(world.frames.head(val)) & FRAME_KSM) !== 0) isFound = true;
  };
  for (const { task } of processes.values()) {
    walkTables(task.mm.pageTable, { table: () => true, leaf });
  }
  return isFound;
}

/**
 * ksmd merges a page knowing only the mappings it scanned and their forks, not the parent that
 * shares it; and of a page that it has made mergeable in vain it knows none. In Linux 7.2 a
 * migration that begins in a mapping which it does not know leaves a migration entry there.
 */
function mapsUnknownMergedPage({ world, processes }: ScenarioMachine, name: string): boolean {
  const mm = processes.get(name)?.task.mm;
  if (mm === undefined) return false;
  let isFound = false;
  const leaf = (page: number, bits: number, val: number): void => {
    if ((bits & LEAF_KIND_MASK) !== LEAF_PRESENT) return;
    const head = world.frames.head(val);
    if ((world.frames.flags(head) & FRAME_KSM) === 0) return;
    const target = world.rmapTarget(world.frames.rmapOwner(head));
    const items = target?.kind === "ksm" ? target.items : [];
    const isKnown = items.some(({ anonVma, index }) =>
      anonVma.chain.some(({ vma }) => vma.vmMm === mm && pageOfIndex(vma, index) === page),
    );
    if (!isKnown) isFound = true;
  };
  walkTables(mm.pageTable, { table: () => true, leaf });
  return isFound;
}

/**
 * The test driver does not make a page dirty that it writes through a mirror. A page of a file that
 * only reads have mapped stays clean, and Linux 7.2 reclaims it without writing it out.
 */
function holdsUndirtiedWrite({ world, processes }: ScenarioMachine, name: string): boolean {
  const mm = processes.get(name)?.task.mm;
  if (mm === undefined) return false;
  const { frames } = world;
  let isFound = false;
  const leaf = (_page: number, bits: number, val: number, level: number): void => {
    if ((bits & LEAF_KIND_MASK) !== LEAF_PRESENT || (bits & LEAF_DIRTY) !== 0) return;
    const head = frames.head(val);
    if ((frames.flags(head) & FRAME_DIRTY) !== 0) return;
    if (!(world.rmapTarget(frames.rmapOwner(head)) instanceof AddressSpace)) return;
    for (let i = 0; i < (level === 0 ? 1 : world.blockPages); i++)
      isFound ||= frames.content(val + i) !== 0;
  };
  walkTables(mm.pageTable, { table: () => true, leaf });
  return isFound;
}

/** The virtual page at which a VMA holds a linear page index. */
function pageOfIndex(vma: VmAreaStruct, index: number): number {
  return vma.vmStart + ((index - vma.vmPgoff) >>> 0);
}

function isHugeDevicePage({ pageTable }: MmStruct, page: number): boolean {
  return (pageTable.slotBits(page) & LEAF_KIND_MASK) === LEAF_DEVICE_PRIVATE;
}

/** The frame that the page table names, zero pages included. */
function namedFrame({ world }: ScenarioMachine, mm: MmStruct, page: number): number {
  const { state, pfn } = pageState(world, mm, page);
  if (state === "zero") return world.zeroPfn;
  if (state === "huge-zero") return world.hugeZeroPfn + mm.pageTable.indexInBlock(page);
  return pfn;
}
