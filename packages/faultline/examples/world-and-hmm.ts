// The kernel's own functions on a world: no scenario, no driver, no clock.
import { HMM_PFN_REQ_FAULT, HMM_PFN_VALID, HMM_PFN_WRITE, HmmRange, World } from "faultline";
import { PROT_READ, PROT_WRITE, cpuAccess, hmmPfnWord, hmmRangeFault } from "faultline";
import { restoreCheckpoint, runToCompletion, sysFork, sysMmap, takeCheckpoint } from "faultline";

const world = new World(); // one NUMA node of 2 GiB, CPU 0, pages of 4 KiB
const app = world.createTask(0);
const heap = { start: 0x100000, nrPages: 4, prot: PROT_READ | PROT_WRITE, shared: false };
runToCompletion(sysMmap(world, app, heap));
cpuAccess(world, app, heap.start, true); // the first page is there, the others are not
runToCompletion(sysFork(world, app)); // and now it is shared, until somebody writes

/** Asks HMM for the four pages, as a driver does, and shows the kernel's words. */
function show(title: string, defaultFlags: number): void {
  const range = new HmmRange({ mm: app.mm, start: heap.start, end: heap.start + 4, defaultFlags });
  const rc = hmmRangeFault(world, app, range);
  const states = Array.from(range.flags, (flags) => {
    if ((flags & HMM_PFN_VALID) === 0) return "none";
    return (flags & HMM_PFN_WRITE) === 0 ? "read-only" : "writable";
  });
  console.log(`${title}: ${rc}, ${states.join(", ")}, 0x${hmmPfnWord(range, 0).toString(16)}`);
}

const checkpoint = takeCheckpoint(world);
show("a look that faults nothing", 0);
show("everything, to write", HMM_PFN_REQ_FAULT | HMM_PFN_WRITE);
restoreCheckpoint(world, checkpoint);
show("before that", 0);
