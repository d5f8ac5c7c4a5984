// Faults of devices under a clock: 64 outstanding, every fault recorded with its stages. A single
// device touches each page twice, so that half of its accesses hit; several have a part each and
// touch it once.
import { invariant } from "@faultline/core";
import {
  cpuAccess,
  PROT_READ,
  PROT_WRITE,
  runToCompletion,
  sysMmap,
  sysMunmap,
} from "@faultline/engine";
import { type Profile, priceTable, shippedProfile } from "@faultline/profiles";
import { createScenarioMachine, loadScenario, stackOf, timedPlan } from "@faultline/scenario";
import {
  ACCESS_WRITE,
  type AccessStream,
  PatternStream,
  PriceSheet,
  RecordedStream,
  Sim,
  TimedDevice,
  TimedWorld,
} from "@faultline/sim";
import type { Workload } from "../workload.ts";

const NR_PAGES = 2048;
const NR_GPUS = 4;
const OUTSTANDING = 64;
/** The compiler needs some two hundred thousand faults: with fewer batches it is measured, too. */
const NR_BATCHES = 256;
const BASE = 2 ** 20;

function scenarioOf(nrDevices: number, knobs: string, nrPages: number): string {
  const memory = nrPages * 8 > 2 ** 20 ? "8GiB" : "2GiB";
  const devices = Array.from({ length: nrDevices }, (_, n) => `{ name: gpu${n}, knobs: ${knobs} }`);
  return `version: 1
title: faults of devices
machine: { nodes: [{ memory: ${memory}, cpus: [0] }], devices: [${devices.join(", ")}] }
steps: [{ do: wait }]
`;
}

/** `sim/timed-faults-STACK`: one fault, from the miss to the record, at the prices of a profile. */
export function timedFaults(
  profileId: string,
  knobs = "{}",
  nrDevices = 1,
  nrPages: number = NR_PAGES,
): Workload {
  const { bench, profile } = benchOf(profileId, nrDevices, knobs, nrPages);
  const name = `sim/timed-faults-${profile.stack}`;
  return { name, unit: "ns/op", ...batchesOf(bench) };
}

/** `sim/timed-faults`: faults for each second of this machine, of four GPUs in random order. */
export function timedFaultRate(profileId: string, knobs: string): Workload {
  const { bench } = benchOf(profileId, NR_GPUS, knobs);
  return { name: "sim/timed-faults", unit: "faults/s", ...batchesOf(bench) };
}

function benchOf(
  profileId: string,
  nrDevices: number,
  knobs: string,
  nrPages: number = NR_PAGES,
): { bench: Bench; profile: Profile } {
  const profile = shippedProfile(profileId);
  const { plan } = loadScenario(scenarioOf(nrDevices, knobs, nrPages), "bench.yaml");
  invariant(plan !== null && profile !== null, `no workload of ${profileId}`);
  return { bench: new Bench(plan, profile, nrPages), profile };
}

/** A machine of so many GPUs under a clock, each with so many pages of its own. */
export function timedMachine(
  profileId: string,
  knobs: string,
  nrDevices: number,
  pagesEach: number,
): TimedMachine {
  return benchOf(profileId, nrDevices, knobs, nrDevices * pagesEach).bench;
}

/** What runs the same faults again and again. */
export interface TimedMachine {
  readonly nrPages: number;
  /** Kernel effort since the machine was made, by kind. */
  readonly effortTotals: Float64Array;
  readonly prepare: () => void;
  readonly run: () => void;
}

function batchesOf(bench: Bench): Pick<Workload, "nrUnits" | "nrBatches" | "prepare" | "run"> {
  const prepare = (): void => bench.prepare();
  const run = (): void => bench.run();
  return { nrUnits: bench.nrPages, nrBatches: NR_BATCHES, prepare, run };
}

type Plan = NonNullable<ReturnType<typeof loadScenario>["plan"]>;

class Bench {
  readonly nrPages: number;
  private readonly sim = new Sim();
  private readonly devices: readonly TimedDevice[];
  private readonly machine: ReturnType<typeof createScenarioMachine>;
  private timed: TimedWorld | null = null;
  /** Each device touches its pages in this order; drawn once, so that only faults are measured. */
  private readonly order: Uint32Array;

  constructor(plan: Plan, profile: Profile, nrPages: number) {
    this.nrPages = nrPages;
    const planned = timedPlan(plan, { all: profile, byDevice: new Map() }).plan;
    const sheet = new PriceSheet(priceTable(profile));
    const { sim } = this;
    this.machine = createScenarioMachine(planned.document, planned.machine, (world, system) => {
      const records = { sink: (): void => {} };
      const deviceSheets = planned.machine?.devices.map(() => sheet) ?? [];
      const machine = system?.machine;
      const links = machine === undefined ? {} : { machine };
      this.timed = new TimedWorld({
        sim,
        world,
        cpuSheet: sheet,
        deviceSheets,
        records,
        ...links,
      });
      return this.timed;
    });
    const { timed } = this;
    invariant(timed !== null, "the machine has no host");
    this.devices = this.machine.devices.map((device) => {
      const stack = stackOf(device);
      invariant(stack !== null, "a device has no driver");
      return new TimedDevice(timed, stack, sheet);
    });
    const random = this.sim.random.stream("faults");
    this.order = random.permutation(nrPages / this.devices.length);
  }

  get effortTotals(): Float64Array {
    return this.machine.world.effort.totals;
  }

  /** The process writes every page anew; the device has lost all of them. */
  prepare(): void {
    const { world, processes } = this.machine;
    const { nrPages } = this;
    const task = processes.get("app")?.task;
    invariant(task !== undefined, "the process is gone");
    runToCompletion(sysMunmap(world, task, BASE, nrPages));
    const request = { start: BASE, nrPages, prot: PROT_READ | PROT_WRITE, shared: false };
    runToCompletion(sysMmap(world, task, request));
    for (let i = 0; i < nrPages; i++) cpuAccess(world, task, BASE + i, true);
    world.effort.clear();
  }

  run(): void {
    const task = this.machine.processes.get("app")?.task;
    invariant(task !== undefined, "the process is gone");
    const nrPages = this.order.length;
    const results = this.devices.map((device, n) => {
      const start = BASE + n * nrPages;
      const stream = this.devices.length === 1 ? this.twice(start) : this.scattered(start);
      const name = `gpu${n}`;
      return device.startContext({ name, task, stream, outstanding: OUTSTANDING });
    });
    this.sim.run();
    const nrFaults = results.reduce((sum, result) => sum + result.nrFaults, 0);
    for (const { rc } of results) invariant(rc === 0, `a fault was not served: ${rc}`);
    invariant(nrFaults >= this.nrPages, `${nrFaults} faults on ${this.nrPages} pages`);
  }

  /** Every page of a range, and again. */
  private twice(start: number): AccessStream {
    return new PatternStream({
      pattern: "strided",
      stride: 64,
      start,
      nrPages: this.order.length,
      count: 2 * this.order.length,
      access: ACCESS_WRITE,
      random: this.sim.random.stream("faults"),
    });
  }

  /** Every page of a range once, in random order. */
  private scattered(start: number): AccessStream {
    const access = new Uint8Array(this.order.length).fill(ACCESS_WRITE);
    return new RecordedStream({ start, pages: this.order, access, timesPs: null });
  }
}
