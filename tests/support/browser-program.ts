// What the browser test runs in a bare JavaScript engine: a process maps and writes memory, forks,
// and both sides write again; then the world is put back to a checkpoint taken before the fork.
import {
  type EffortItem,
  restoreCheckpoint,
  takeCheckpoint,
  type TaskStruct,
  World,
} from "@faultline/core";
import {
  cpuAccess,
  PROT_READ,
  PROT_WRITE,
  readPageContent,
  runToCompletion,
  sysExit,
  sysFork,
  sysMmap,
  writePageContent,
} from "@faultline/engine";

const START = 0x7f000;
const NR_PAGES = 1000;

/** Sums of what the processes read at each point of the program. */
export interface BrowserReport {
  readonly written: number;
  readonly parentAfterFork: number;
  readonly childAfterFork: number;
  readonly restored: number;
  /** What the kernel would have spent until the child had exited. */
  readonly effort: readonly EffortItem[];
}

/** Runs the program; the same report comes out wherever it runs. */
export function run(): BrowserReport {
  const world = new World();
  const parent = world.createTask(0);
  const prot = PROT_READ | PROT_WRITE;
  const request = { start: START, nrPages: NR_PAGES, prot, shared: false };
  runToCompletion(sysMmap(world, parent, request));
  writeEach(world, parent, (i) => i + 1);
  const written = sumOf(world, parent);

  const checkpoint = takeCheckpoint(world);
  const child = runToCompletion(sysFork(world, parent));
  if (typeof child === "number") throw new Error(`fork: ${child}`);
  writeEach(world, parent, (i) => 2 * i);
  const childAfterFork = sumOf(world, child);
  writeEach(world, child, () => 7);
  const parentAfterFork = sumOf(world, parent);
  runToCompletion(sysExit(world, child));
  const effort = world.effort.items();
  restoreCheckpoint(world, checkpoint);
  return { written, parentAfterFork, childAfterFork, restored: sumOf(world, parent), effort };
}

function writeEach(world: World, task: TaskStruct, value: (i: number) => number): void {
  for (let i = 0; i < NR_PAGES; i += 1) {
    const rc = cpuAccess(world, task, START + i, true);
    if (rc !== 0) throw new Error(`write of page ${i}: ${rc}`);
    writePageContent(world, task.mm, START + i, value(i));
  }
}

function sumOf(world: World, task: TaskStruct): number {
  let sum = 0;
  for (let i = 0; i < NR_PAGES; i += 1) {
    const rc = cpuAccess(world, task, START + i, false);
    if (rc !== 0) throw new Error(`read of page ${i}: ${rc}`);
    sum += readPageContent(world, task.mm, START + i);
  }
  return sum;
}
