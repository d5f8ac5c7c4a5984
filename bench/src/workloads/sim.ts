// The simulation kernel: events, switches between actors, transfers, locks and records of faults.
import {
  ACCESS_READ,
  type Actor,
  Breakdown,
  CHUNK_ROWS,
  EventQueue,
  LinkSet,
  FaultRecords,
  RwLock,
  RecordDigest,
  type Route,
  Sim,
  STAGE_COPY,
  STAGE_DELIVER,
  STAGE_DETECT,
  STAGE_FETCH,
  STAGE_MAP,
  STAGE_RANGE_FAULT,
  STAGE_REPLAY,
  WAIT_BATCH,
  waitActivity,
} from "@faultline/sim";
import type { Workload } from "../workload.ts";

const NR_EVENTS = 2 ** 15;
const PENDING = 10_000;

/** `sim/event-queue`: the first of 10 000 events happens, and another is put in its place. */
export function simEventQueue(): Workload {
  const queue = new EventQueue();
  const random = new Sim().random.stream("event-queue");
  // Drawn beforehand, so that the generator is not measured.
  const delays = Float64Array.from({ length: NR_EVENTS }, () => random.below(1_000_000));
  for (let target = 0; target < PENDING; target++) queue.schedule(random.below(1_000_000), target);
  return {
    name: "sim/event-queue",
    unit: "ns/op",
    nrUnits: NR_EVENTS,
    nrBatches: 128,
    run: () => {
      for (let i = 0; i < NR_EVENTS; i++) {
        const target = queue.pop(Infinity);
        queue.schedule(queue.nowPs + (delays[i] as number), target);
      }
    },
  };
}

/** `sim/actor-switch`: a hundred actors sleep in turns. */
export function simActorSwitch(): Workload {
  const sim = new Sim();
  for (let i = 0; i < 100; i++) {
    sim.spawn(`actor ${i}`, function* () {
      for (;;) yield 100 + i;
    });
  }
  return slices("sim/actor-switch", sim);
}

/** `sim/lock-handoff`: eight actors pass a reader/writer lock around; seven of them wait for it. */
export function simLockHandoff(): Workload {
  const sim = new Sim();
  const lock = new RwLock("mmap_lock");
  for (let i = 0; i < 8; i++) {
    sim.spawn(`writer ${i}`, function* (self) {
      for (;;) {
        yield lock.write(self);
        yield 10;
        lock.unlockWrite(self);
      }
    });
  }
  // A hand-over is two events: the lock's new owner wakes, and its time with the lock ends.
  return slices("sim/lock-handoff", sim, 2);
}

/** `sim/link-transfer-N`: transfers over two hops, N at a time; one ends and another begins. */
export function simLinkTransfer(nrFlows: number): Workload {
  const sim = new Sim();
  const links = new LinkSet(sim);
  const uplink = links.link({ name: "uplink", megabytesPerSec: 64_000, latencyPs: 200_000 });
  const link = links.link({ name: "gpu", megabytesPerSec: 31_508, latencyPs: 100_000 });
  const route = links.route("to gpu", [uplink.there, link.there]);
  const random = sim.random.stream("sizes");
  const sizes = Float64Array.from({ length: 4096 }, () => random.between(1, 512) * 4096);
  for (let i = 0; i < nrFlows; i++) sim.spawn(`flow ${i}`, (self) => sender(self, route, sizes));
  let nrDone = 0;
  const nrUnits = 4096;
  return {
    name: `sim/link-transfer-${nrFlows}`,
    unit: "ns/op",
    nrUnits,
    nrBatches: 64,
    run: () => {
      nrDone += nrUnits;
      while (link.there.nrTransfers < nrDone) sim.run({ maxEvents: 64 });
      nrDone = link.there.nrTransfers;
    },
  };
}

function* sender(self: Actor, route: Route, sizes: Float64Array): Generator<number, never, number> {
  for (let i = self.id; ; i++) yield route.transfer(self, sizes[i % sizes.length] as number);
}

/** `sim/fault-record`: a fault with eight stages and waits is written to its columns. */
export function simFaultRecord(): Workload {
  const records = new FaultRecords({ sink: () => undefined });
  return {
    name: "sim/fault-record",
    unit: "ns/op",
    nrUnits: 8 * CHUNK_ROWS,
    nrBatches: 64,
    run: () => appendFaults(records, 8 * CHUNK_ROWS),
  };
}

/** `sim/record-digest`: the same faults are digested. */
export function simRecordDigest(): Workload {
  const digest = new RecordDigest();
  const records = new FaultRecords();
  appendFaults(records, CHUNK_ROWS);
  const { chunk } = records.locate(0);
  return {
    name: "sim/record-digest",
    unit: "ns/op",
    nrUnits: CHUNK_ROWS,
    nrBatches: 64,
    run: () => digest.add(chunk),
  };
}

function appendFaults(records: FaultRecords, nrFaults: number): void {
  const breakdown = new Breakdown();
  const waitBatch = waitActivity(WAIT_BATCH);
  for (const stage of [STAGE_DETECT, STAGE_DELIVER, STAGE_FETCH, STAGE_RANGE_FAULT]) {
    breakdown.spend(stage, 1000);
  }
  for (const stage of [STAGE_COPY, STAGE_MAP, STAGE_REPLAY]) breakdown.spend(stage, 2000);
  for (let i = 0; i < nrFaults; i++) {
    // In a batch, faults differ in how long they wait for the rest of it.
    breakdown.spend(waitBatch, 1);
    records.append(i * 1000, 0, 1, 0x100000 + i, ACCESS_READ, breakdown);
  }
}

function slices(name: string, sim: Sim, eventsPerUnit = 1): Workload {
  return {
    name,
    unit: "ns/op",
    nrUnits: NR_EVENTS,
    nrBatches: 64,
    run: () => {
      sim.run({ maxEvents: NR_EVENTS * eventsPerUnit });
    },
  };
}
