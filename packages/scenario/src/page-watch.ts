// Which pages changed since the last look, for every process, as ranges of equal changes.
import type { AddressNames } from "./decision-recorder.ts";
import { describePageState, pageState } from "./page-state.ts";
import type { ScenarioMachine } from "./scenario-machine.ts";
import type { PageChange } from "./step-report.ts";

/** Remembers the last description of each page of each named mapping. */
export class PageWatch {
  private readonly machine: ScenarioMachine;
  private readonly names: AddressNames;
  private readonly seen: Map<string, string[]> = new Map();

  constructor(machine: ScenarioMachine, names: AddressNames) {
    this.machine = machine;
    this.names = names;
  }

  /** Changes since the last call. */
  changes(): PageChange[] {
    const found: PageChange[] = [];
    for (const { name, task } of this.machine.processes.values()) {
      for (const mapping of this.names.mappings()) {
        const key = `${name} ${mapping.start}`;
        const before = this.seen.get(key) ?? [];
        const after: string[] = [];
        for (let i = 0; i < mapping.nrPages; i++) {
          const state = pageState(this.machine.world, task.mm, mapping.start + i);
          after.push(describePageState(state, this.machine.deviceNames));
        }
        this.seen.set(key, after);
        found.push(...runsOfChange(name, mapping.name, before, after));
      }
    }
    return found;
  }
}

function runsOfChange(
  process: string,
  mapping: string,
  before: readonly string[],
  after: readonly string[],
): PageChange[] {
  const runs: PageChange[] = [];
  let start = 0;
  for (let i = 1; i <= after.length; i++) {
    const isSame =
      i < after.length &&
      after[i] === after[start] &&
      (before[i] ?? "nothing") === (before[start] ?? "nothing");
    if (isSame) continue;
    const was = before[start] ?? "nothing";
    const is = after[start] as string;
    if (was !== is) {
      const at = start === 0 ? mapping : `${mapping}+${start}`;
      runs.push({ process, at, nrPages: i - start, before: was, after: is });
    }
    start = i;
  }
  return runs;
}
