// The life of one page through a run under a clock: who faulted on it and when, how each entry for
// it changed and by whom, and where its memory went. Runs record nothing unless they are asked, so
// the scenario is run again, and the page is looked at after every event.
import type { Recorder } from "@faultline/core";
import {
  ACCESS_NAMES,
  type BegunFault,
  type FaultProbe,
  type FaultWitness,
  type StageClock,
} from "@faultline/sim";
import { deviceView } from "../device-view.ts";
import { describePageState, type PageState, pageState } from "../page-state.ts";
import type { RunningProcess } from "../scenario-machine.ts";
import { processOf, whoOf } from "./fault-names.ts";
import { TimedScenarioRun } from "./run-timed-scenario.ts";
import type { TimedPlan } from "./timed-plan.ts";
import type { TimedStage } from "./timed-stage.ts";

/** A fault on the page, from its begin to its end. */
export interface LifeFault {
  readonly kind: "fault";
  readonly atPs: number;
  /** Its number in tables of faults; null where the run ended before it. */
  readonly number: number | null;
  readonly latencyPs: number;
  /** `gpu0`, or `cpu 1`. */
  readonly who: string;
  readonly process: string;
  readonly access: string;
  /** 0, or what it failed with. */
  readonly rc: number;
}

/** An entry for the page that has changed. */
export interface LifeChange {
  readonly kind: "entry";
  readonly atPs: number;
  readonly process: string;
  /** Whose entry it is: a device's, or the CPUs' where it is null. */
  readonly device: string | null;
  readonly before: string;
  readonly after: string;
  /** Where the page's memory went, where it did. */
  readonly moved: LifeMove | null;
  /** The actor that did it; null for timers of drivers. */
  readonly by: string | null;
  /** Rules that decided something about the page since it changed last. */
  readonly rules: readonly string[];
}

/** From one place to another: `node 0`, `swap`, or a device. */
export interface LifeMove {
  readonly from: string;
  readonly to: string;
  /** The device's own driver gave its memory up while it served the device's faults. */
  readonly isEviction: boolean;
}

/** Something that happened to a page. */
export type LifeEvent = LifeFault | LifeChange;

/** The life of a page. */
export interface PageLife {
  readonly page: number;
  /** In the order of time; a fault stands where it begins. */
  readonly events: readonly LifeEvent[];
  readonly simulatedPs: number;
  /** Why the run could not go on; null when it ended. */
  readonly stuck: string | null;
}

/** No entry of a device. */
const NO_ENTRY = "no entry";

/**
 * Runs a plan and watches a page in every process that has it.
 * @param page its virtual page number.
 * @param seed of everything random. @defaultValue the scenario's
 */
export function pageLife(planned: TimedPlan, page: number, seed?: number): PageLife {
  const watch = new PageLifeWatch(page);
  const run = new TimedScenarioRun(planned, {
    ...(seed === undefined ? {} : { seed }),
    atStart: (stage) => watch.attach(stage),
  });
  for (let isOver = false; !isOver; ) {
    isOver = run.advance(1);
    watch.look();
  }
  const { simulatedPs, stuck } = run.result();
  return { page, events: watch.events(), simulatedPs, stuck };
}

/** What a process has of the page. */
interface Seen {
  readonly cpu: string;
  /** Where its memory is; null where there is none. */
  readonly place: string | null;
  /** By device, in the order of the machine. */
  readonly devices: readonly string[];
}

/** A fault that has begun. */
interface OpenFault {
  readonly fault: BegunFault;
  readonly event: { -readonly [Key in keyof LifeFault]: LifeFault[Key] };
}

/** Looks at the page; listens to its faults and to what is decided about it. */
class PageLifeWatch implements FaultProbe, Recorder {
  private readonly page: number;
  private readonly found: LifeEvent[] = [];
  private readonly seen = new Map<string, Seen>();
  private readonly open: OpenFault[] = [];
  private rules: string[] = [];
  private stage: TimedStage | null = null;

  constructor(page: number) {
    this.page = page;
  }

  attach(stage: TimedStage): void {
    this.stage = stage;
    stage.timed.probe = this;
    stage.timed.world.recorder = this;
  }

  /** Everything in the order of time. */
  events(): LifeEvent[] {
    return this.found.toSorted((a, b) => a.atPs - b.atPs);
  }

  begin(fault: BegunFault): FaultWitness | null {
    const { stage, page } = this;
    if (stage === null || fault.page !== page) return null;
    const event = {
      kind: "fault" as const,
      atPs: fault.startPs,
      number: null,
      latencyPs: 0,
      who: whoOf(stage.machine, fault),
      process: processOf(stage.machine, fault.process)?.name ?? `pid ${fault.process}`,
      access: ACCESS_NAMES[fault.access] ?? "read",
      rc: 0,
    };
    this.open.push({ fault, event });
    this.found.push(event);
    return null;
  }

  end(fault: BegunFault, clock: StageClock, rc: number): void {
    const at = this.open.findIndex((one) => isSameFault(one.fault, fault));
    const [ended] = at < 0 ? [] : this.open.splice(at, 1);
    if (ended === undefined || this.stage === null) return;
    ended.event.number = this.stage.timed.records.nrFaults - 1;
    ended.event.latencyPs = clock.breakdown.totalPs();
    ended.event.rc = rc;
  }

  /** Rules about address spaces name pages, those about folios frames. */
  note(rule: string, mmId: number, page: number, nrPages: number): void {
    const { stage } = this;
    if (stage === null) return;
    const { machine, timed } = stage;
    const covers = (at: number): boolean => at >= page && at < page + nrPages;
    const isMeant =
      mmId !== 0
        ? covers(this.page)
        : [...machine.processes.values()].some(({ task }) => {
            return covers(pageState(timed.world, task.mm, this.page).pfn);
          });
    if (isMeant && !this.rules.includes(rule)) this.rules.push(rule);
  }

  /** Compares the page with what it was. */
  look(): void {
    const { stage } = this;
    if (stage === null) return;
    const { sim } = stage.timed;
    const by = sim.lastActor?.name ?? null;
    sim.lastActor = null;
    for (const process of stage.machine.processes.values()) {
      const before = this.seen.get(process.name);
      const after = seenBy(stage, process, this.page);
      this.seen.set(process.name, after);
      this.compare(process.name, before ?? unseen(after), after, by);
    }
  }

  private compare(process: string, before: Seen, after: Seen, by: string | null): void {
    const { stage } = this;
    if (stage === null) return;
    const atPs = stage.timed.sim.nowPs;
    const add = (device: string | null, was: string, is: string, moved: LifeMove | null): void => {
      const { rules } = this;
      this.found.push({
        kind: "entry",
        atPs,
        process,
        device,
        before: was,
        after: is,
        moved,
        by,
        rules,
      });
      this.rules = [];
    };
    if (before.cpu !== after.cpu) add(null, before.cpu, after.cpu, this.moveOf(before, after, by));
    for (const [number, view] of after.devices.entries()) {
      const was = before.devices[number] ?? NO_ENTRY;
      if (was !== view)
        add(stage.machine.deviceNames[number] ?? `device ${number}`, was, view, null);
    }
  }

  private moveOf({ place: from }: Seen, { place: to }: Seen, by: string | null): LifeMove | null {
    if (from === null || to === null || from === to) return null;
    const isDevice = this.stage?.machine.deviceNames.includes(from) === true;
    // Who serves a device's faults gives its memory up to make room there.
    const isOwn = by !== null && by.split(/[^\w-]+/).includes(from);
    return { from, to, isEviction: isDevice && isOwn && to.startsWith("node ") };
  }
}

/** A driver may tell of the end of a fault by an object of its own. */
function isSameFault(one: BegunFault, other: BegunFault): boolean {
  const keys = ["startPs", "device", "process", "page", "access"] as const;
  return one === other || keys.every((key) => one[key] === other[key]);
}

/** Nobody had looked: nothing was there. */
function unseen({ devices }: Seen): Seen {
  return { cpu: "nothing", place: null, devices: devices.map(() => NO_ENTRY) };
}

function seenBy({ machine, timed }: TimedStage, process: RunningProcess, page: number): Seen {
  const { deviceNames } = machine;
  const state = pageState(timed.world, process.task.mm, page);
  return {
    cpu: describePageState(state, deviceNames),
    place: placeOf(state, deviceNames),
    devices: machine.devices.map((running, number) => {
      const { aperture, writable, address } = deviceView(running, number, process, page);
      if (aperture === "none") return NO_ENTRY;
      const space = address === null ? "" : `, ${address} address`;
      return `${aperture} ${writable ? "rw" : "r-"}${space}`;
    }),
  };
}

function placeOf({ state, device, node }: PageState, names: readonly string[]): string | null {
  if (state === "swap") return "swap";
  if (device >= 0) return names[device] ?? `device ${device}`;
  return node >= 0 ? `node ${node}` : null;
}
