// A machine for the scale study, and how long parts of what is done in it take.
import { invariant, type TaskStruct, World } from "@faultline/core";
import { cpuAccess, PROT_READ, PROT_WRITE, runToCompletion, sysMmap } from "@faultline/engine";
import { createDmirrorCmd, type Dmirror, DmirrorDevice, dmirrorOpen } from "@faultline/stacks";
import type { dmirrorRead } from "@faultline/stacks";
import { heldBytes } from "../held-bytes.ts";

/** Where memory is mapped. */
export const START: number = 2 ** 20;

const NS_PER_MS = 1e6;
const NS_PER_US = 1e3;

/** A machine with two nodes, each large enough for `nrPages`. */
export class ScaleWorld {
  readonly world: World;
  private readonly bytesBefore: number | null;

  /** @param withMemory whether memory is looked at, which disturbs what is timed. */
  constructor(nrPages: number, withMemory: boolean) {
    this.bytesBefore = withMemory ? heldBytes() : null;
    const node = { nrPages: nrPages + 2 ** 16, cpus: [0] };
    this.world = new World({ nodes: [node, { ...node, cpus: [] }] });
  }

  /** A process with that many pages mapped and none present. */
  process(nrPages: number): TaskStruct {
    const task = this.world.createTask(0);
    const prot = PROT_READ | PROT_WRITE;
    const request = { start: START, nrPages, prot, shared: false };
    mustBeZero(runToCompletion(sysMmap(this.world, task, request)));
    return task;
  }

  /** Writes pages of a process. */
  write(task: TaskStruct, nrPages: number): void {
    const { world } = this;
    for (let page = START; page < START + nrPages; page++) {
      mustBeZero(cpuAccess(world, task, page, true));
    }
    world.effort.clear();
  }

  /** A device of the test driver with a mirror of a process. */
  mirror(number: number, task: TaskStruct): Dmirror {
    return dmirrorOpen(this.world, new DmirrorDevice(this.world, number, false), task.mm);
  }

  /** A command of the test driver over pages from the first one on. */
  command(verb: typeof dmirrorRead, task: TaskStruct, mirror: Dmirror, pages: PageRange): void {
    const cmd = createDmirrorCmd(START + pages.first, pages.nrPages);
    mustBeZero(runToCompletion(verb(this.world, task, mirror, cmd)));
    this.world.effort.clear();
  }

  /** Nanoseconds that something takes, for each of so many. */
  nsPer(nrUnits: number, run: () => void): number {
    return nsOf(run) / nrUnits;
  }

  /** Bytes that are held since the machine was made, for each of so many pages. */
  memory(nrPages: number): { readonly bytesPerPage?: number } {
    if (this.bytesBefore === null) return {};
    const bytes = heldBytes() - this.bytesBefore;
    // The world is looked at once more, so that a collection before this line cannot take it.
    invariant(this.world.tables.nrTables > 0, "the world lost its page tables");
    // What is collected meanwhile can be more than a small machine holds.
    return { bytesPerPage: Math.max(1, bytes) / nrPages };
  }
}

/**
 * Nanoseconds that something takes: of the wall, or of the process's CPUs where that is less. The
 * one counts others who have the CPU, the other the runtime's own threads.
 */
export function nsOf(run: () => void): number {
  const cpuFrom = process.cpuUsage();
  const from = performance.now();
  run();
  const wallNs = (performance.now() - from) * NS_PER_MS;
  const { user, system } = process.cpuUsage(cpuFrom);
  const cpuNs = (user + system) * NS_PER_US;
  return cpuNs === 0 ? wallNs : Math.min(wallNs, cpuNs);
}

/** Pages by their place in the mapping. */
export interface PageRange {
  readonly first: number;
  readonly nrPages: number;
}

/** What system calls and faults return when all is well. */
export function mustBeZero(rc: number): void {
  invariant(rc === 0, `a step of the scale study failed: ${rc}`);
}
