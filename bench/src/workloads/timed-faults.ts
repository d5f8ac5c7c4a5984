// Faults of a device under a clock: 64 outstanding, each page touched twice, so that half of the
// accesses hit, and every fault recorded with its stages.
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
  PatternStream,
  PriceSheet,
  Sim,
  TimedDevice,
  TimedWorld,
} from "@faultline/sim";
import type { Workload } from "../workload.ts";

const NR_PAGES = 2048;
const OUTSTANDING = 64;
const BASE = 2 ** 20;

const SCENARIO = `version: 1
title: faults of one device
machine: { devices: [{ name: gpu0, knobs: KNOBS }] }
steps: [{ do: wait }]
`;

/** `sim/timed-faults-STACK`: one fault, from the miss to the record, at the prices of a profile. */
export function timedFaults(profileId: string, knobs = "{}"): Workload {
  const profile = shippedProfile(profileId);
  const { plan } = loadScenario(SCENARIO.replace("KNOBS", knobs), "bench.yaml");
  invariant(plan !== null && profile !== null, `no workload of ${profileId}`);
  const bench = new Bench(plan, profile);
  return {
    name: `sim/timed-faults-${profile.stack}`,
    unit: "ns/op",
    nrUnits: NR_PAGES,
    nrBatches: 16,
    prepare: () => bench.prepare(),
    run: () => bench.run(),
  };
}

type Plan = NonNullable<ReturnType<typeof loadScenario>["plan"]>;

class Bench {
  private readonly sim = new Sim();
  private readonly device: TimedDevice;
  private readonly machine: ReturnType<typeof createScenarioMachine>;
  private timed: TimedWorld | null = null;

  constructor(plan: Plan, profile: Profile) {
    const planned = timedPlan(plan, { all: profile, byDevice: new Map() }).plan;
    const sheet = new PriceSheet(priceTable(profile));
    const { sim } = this;
    this.machine = createScenarioMachine(planned.document, planned.machine, (world) => {
      const records = { sink: (): void => {} };
      this.timed = new TimedWorld({ sim, world, cpuSheet: sheet, deviceSheets: [sheet], records });
      return this.timed;
    });
    const stack = stackOf(this.machine.devices[0]);
    invariant(stack !== null && this.timed !== null, "the device has no driver");
    this.device = new TimedDevice(this.timed, stack, sheet);
  }

  /** The process writes every page anew; the device has lost all of them. */
  prepare(): void {
    const { world, processes } = this.machine;
    const task = processes.get("app")?.task;
    invariant(task !== undefined, "the process is gone");
    runToCompletion(sysMunmap(world, task, BASE, NR_PAGES));
    const request = { start: BASE, nrPages: NR_PAGES, prot: PROT_READ | PROT_WRITE, shared: false };
    runToCompletion(sysMmap(world, task, request));
    for (let i = 0; i < NR_PAGES; i++) cpuAccess(world, task, BASE + i, true);
    world.effort.clear();
  }

  run(): void {
    const task = this.machine.processes.get("app")?.task;
    invariant(task !== undefined, "the process is gone");
    const random = this.sim.random.stream("faults");
    const stream = new PatternStream({
      pattern: "strided",
      stride: 64,
      start: BASE,
      nrPages: NR_PAGES,
      count: 2 * NR_PAGES,
      access: ACCESS_WRITE,
      random,
    });
    const result = this.device.startContext({
      name: "gpu0",
      task,
      stream,
      outstanding: OUTSTANDING,
    });
    this.sim.run();
    invariant(result.rc === 0, `a fault was not served: ${result.rc}`);
    invariant(result.nrFaults >= NR_PAGES, `${result.nrFaults} faults on ${NR_PAGES} pages`);
  }
}
