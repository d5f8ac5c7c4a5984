// What the browser test runs in a bare JavaScript engine: pages of a process are mapped and written,
// saved by a checkpoint, changed, and put back.
import {
  LEAF_PRESENT,
  LEAF_WRITE,
  restoreCheckpoint,
  takeCheckpoint,
  World,
} from "@faultline/core";

const FIRST_PAGE = 0x7f00_0000_0;
const NR_PAGES = 1000;

/** What the pages of the process hold, as a sum, before a checkpoint, changed, and restored. */
export interface BrowserReport {
  readonly before: number;
  readonly changed: number;
  readonly restored: number;
}

/** Runs the program; the same numbers come out wherever it runs. */
export function run(): BrowserReport {
  const world = new World();
  const task = world.createTask(0);
  const { pageTable } = task.mm;
  for (let i = 0; i < NR_PAGES; i += 1) {
    const pfn = world.buddies[0]?.alloc(0) ?? 0;
    world.frames.setContent(pfn, i);
    pageTable.set(FIRST_PAGE + i, LEAF_PRESENT | LEAF_WRITE, pfn);
  }
  const sum = (): number => {
    let total = 0;
    for (let i = 0; i < NR_PAGES; i += 1) {
      total += world.frames.content(pageTable.val(FIRST_PAGE + i));
    }
    return total;
  };
  const before = sum();
  const checkpoint = takeCheckpoint(world);
  for (let i = 0; i < NR_PAGES; i += 2) {
    world.frames.setContent(pageTable.val(FIRST_PAGE + i), 0);
  }
  const changed = sum();
  restoreCheckpoint(world, checkpoint);
  return { before, changed, restored: sum() };
}
