// A thread of a CPU under a clock: it touches pages, and what its faults do in the kernel takes
// time. An access that hits takes none.
import {
  LEAF_KIND_MASK,
  LEAF_PRESENT,
  LEAF_PROTNONE,
  LEAF_WRITE,
  type MmStruct,
  NO_STAGE,
  type TaskStruct,
} from "@faultline/core";
import {
  ACCESS_WAIT,
  type AccessResult,
  cpuAccess,
  readPageContent,
  type Verb,
  writePageContent,
} from "@faultline/engine";
import { takePendingWait } from "@faultline/stacks";
import type { Actor } from "../actor/actor.ts";
import type { ActorBody } from "../actor/pause.ts";
import { ACCESS_READ } from "../record/activities.ts";
import type { BegunFault } from "../record/fault-witness.ts";
import { StageClock } from "../record/stage-clock.ts";
import { PS_PER_MS } from "../time/sim-time.ts";
import type { TimedWorld } from "./timed-world.ts";
import { SCRATCH_STAGE } from "./work.ts";

/** The device number of faults that a CPU took. */
export const CPU_DEVICE = 0xffff;

/** An access that finds no memory, or whose page is kept from it, is tried for so long. */
const PATIENCE_PS: number = 100 * PS_PER_MS;

/** Touches pages for one process. */
export class CpuThread {
  readonly task: TaskStruct;
  nrFaults = 0;
  /** What the last access has found, or has stored. */
  found = 0;
  private readonly timed: TimedWorld;
  private readonly clock = new StageClock();

  constructor(timed: TimedWorld, task: TaskStruct) {
    this.timed = timed;
    this.task = task;
    this.clock.slices = timed.record?.sliceLog() ?? null;
  }

  /**
   * One access: `const rc = yield* thread.access(self, page, ACCESS_WRITE, 7)`. It happens in the
   * moment in which the kernel has mapped the page; the time of the fault passes afterwards.
   * @param access ACCESS_*; what is no read writes.
   * @param value what a write stores. @defaultValue the page stays as it is
   * @returns 0, a signal, or ACCESS_WAIT when 100 ms were not enough.
   */
  *access(self: Actor, page: number, access: number, value?: number): ActorBody<AccessResult> {
    const { timed, task, clock } = this;
    const isWrite = access !== ACCESS_READ;
    const touch = (): AccessResult => this.touch(page, isWrite, value);
    if (isMapped(task.mm, page, isWrite)) return touch();
    const { sim } = timed;
    const work = timed.workOf(self);
    const startPs = sim.nowPs;
    work.sheet = timed.cpuSheet;
    work.cpu = timed.cpuOf(task.cpu);
    work.begin(task.mm, NO_STAGE, clock);
    clock.start(SCRATCH_STAGE, startPs);
    const begun = timed.probe === null ? null : this.begin(page, access);
    self.stages = clock;
    const verb = cpuFault(timed, task.mm, touch);
    const result = yield* timed.driver.drive(self, verb);
    self.stages = null;
    work.clock = null;
    clock.finish(sim.nowPs);
    this.nrFaults++;
    const { pid: process, cpu: place } = task;
    timed.records.append(startPs, CPU_DEVICE, process, page, access, clock.breakdown);
    timed.record?.fault({ startPs, device: CPU_DEVICE, process, page, access, place }, clock);
    if (begun !== null) timed.probe?.end(begun, clock, result);
    return result;
  }

  /** Asks the probe whether the fault that begins is one to explain. */
  private begin(page: number, access: number): BegunFault {
    const { timed, task, clock } = this;
    const { startPs } = clock;
    const { pid: process, cpu } = task;
    const begun = { startPs, device: CPU_DEVICE, process, page, access, attempt: 0, cpu };
    clock.watch(timed.probe?.begin(begun) ?? null);
    return begun;
  }

  private touch(page: number, isWrite: boolean, value: number | undefined): AccessResult {
    const { task } = this;
    const { world } = this.timed;
    const result = cpuAccess(world, task, page, isWrite);
    if (result !== 0) return result;
    if (isWrite && value !== undefined) writePageContent(world, task.mm, page, value);
    this.found = readPageContent(world, task.mm, page);
    return result;
  }
}

/** A fault waits for whoever writes under mmap_lock, as for its VMA's lock. */
function* cpuFault(timed: TimedWorld, mm: MmStruct, touch: () => AccessResult): Verb {
  const { world } = timed;
  const endPs = timed.now() + PATIENCE_PS;
  for (;;) {
    while (mm.mmapLock.writer) yield { reason: "vma-lock", object: mm };
    const result = touch();
    if (result !== ACCESS_WAIT || timed.now() > endPs) return result;
    yield takePendingWait(world);
  }
}

/** Whether the hardware finds a translation that allows the access. */
function isMapped({ pageTable }: MmStruct, page: number, isWrite: boolean): boolean {
  const needed = isWrite ? LEAF_PRESENT | LEAF_WRITE : LEAF_PRESENT;
  const checked = LEAF_KIND_MASK | LEAF_PROTNONE | (isWrite ? LEAF_WRITE : 0);
  const bits = pageTable.leafTable(page) === 0 ? pageTable.slotBits(page) : pageTable.bits(page);
  return (bits & checked) === needed;
}
