// The effort log against the world: what was allocated and not freed, place by place, is what is in
// use there. An operation that reports nothing, or the wrong place or order, breaks the balance.
import {
  EFFORT_FOLIO_ALLOC,
  EFFORT_FOLIO_FREE,
  EFFORT_PLACE_DEVICE,
  EFFORT_TABLE_ALLOC,
  EFFORT_TABLE_FREE,
} from "@faultline/core";
import { walkTables } from "@faultline/engine";
import { dmirrorDevices, type ScenarioMachine } from "@faultline/scenario";

/** Balances the log of one machine from its creation on. */
export class EffortBalance {
  private readonly machine: ScenarioMachine;
  /** Pages by place. */
  private readonly pages: Map<number, number> = new Map();
  private readonly reserved: readonly number[];

  constructor(machine: ScenarioMachine) {
    this.machine = machine;
    this.reserved = machine.world.buddies.map((buddy) => buddy.nrPages - buddy.nrFree);
  }

  /** Reads and clears the log; returns what does not balance, or null. */
  check(): string | null {
    const { world, devices } = this.machine;
    const { effort } = world;
    for (const { kind, count, order, from, to } of effort.items()) {
      if (kind === EFFORT_FOLIO_ALLOC) this.add(to, count * 2 ** order);
      if (kind === EFFORT_FOLIO_FREE) this.add(from, -count * 2 ** order);
    }
    const isComplete = !effort.truncated;
    effort.clear();
    for (const [node, buddy] of world.buddies.entries()) {
      const inUse = buddy.nrPages - buddy.nrFree - (this.reserved[node] ?? 0);
      const problem = this.compare(node, inUse, isComplete);
      if (problem !== null) return problem;
    }
    for (const [number, { memory }] of dmirrorDevices(devices).entries()) {
      const problem = this.compare(EFFORT_PLACE_DEVICE + number, memory.nrPagesInUse, isComplete);
      if (problem !== null) return problem;
    }
    return this.checkTables();
  }

  private add(place: number, nrPages: number): void {
    this.pages.set(place, (this.pages.get(place) ?? 0) + nrPages);
  }

  /** A log that was cut off says nothing; counting starts again from what is in use. */
  private compare(place: number, inUse: number, isComplete: boolean): string | null {
    const counted = this.pages.get(place) ?? 0;
    this.pages.set(place, inUse);
    if (!isComplete || counted === inUse) return null;
    return `effort: ${counted} pages allocated at place ${place}, ${inUse} in use`;
  }

  private checkTables(): string | null {
    const { world } = this.machine;
    const allocated = world.effort.totals[EFFORT_TABLE_ALLOC] ?? 0;
    const freed = world.effort.totals[EFFORT_TABLE_FREE] ?? 0;
    let inUse = 0;
    for (const { mm } of world.tasks.values()) {
      const table = (): boolean => ++inUse > 0;
      walkTables(mm.pageTable, { table, leaf: () => undefined });
    }
    if (allocated - freed === inUse) return null;
    return `effort: ${allocated} page tables allocated, ${freed} freed, ${inUse} in use`;
  }
}
