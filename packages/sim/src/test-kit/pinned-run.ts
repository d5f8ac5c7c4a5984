// A small run that uses every part of the kernel: two GPUs fault into a bounded buffer, workers
// take batches, lock, copy over a shared link and shoot down translations. Its digest is pinned.
import type { Actor } from "../actor/actor.ts";
import { Sim } from "../actor/sim.ts";
import { CpuSet } from "../cpu/cpu-set.ts";
import { LinkSet } from "../link/link-set.ts";
import type { Route } from "../link/route.ts";
import { BoundedQueue } from "../lock/bounded-queue.ts";
import { RwLock } from "../lock/rw-lock.ts";
import { exponential } from "../random/exponential.ts";
import { Zipf } from "../random/zipf.ts";
import {
  ACCESS_WRITE,
  STAGE_COPY,
  STAGE_DELIVER,
  STAGE_FETCH,
  STAGE_INVALIDATE,
  STAGE_MAP,
  waitActivity,
} from "../record/activities.ts";
import { FaultRecords, type FaultRecordsOptions } from "../record/fault-records.ts";
import { digestOfRecords } from "../record/record-digest.ts";
import { StageClock } from "../record/stage-clock.ts";
import { PS_PER_NS, PS_PER_US } from "../time/sim-time.ts";
import { WAIT_BUFFER } from "../wait/wait-kinds.ts";

/** The digest of the run with seed 42, wherever it runs. Another one is another simulation. */
export const PINNED_DIGEST = "950531b56357f7cc";

const NR_FAULTS = 5000;
const PAGE_BYTES = 4096;

/** Runs it, with records that are kept or streamed. */
export function pinnedRun(seed: number, options: FaultRecordsOptions = {}): FaultRecords {
  const sim = new Sim({ seed });
  const records = new FaultRecords(options);
  const links = new LinkSet(sim);
  const uplink = links.link({ name: "uplink", megabytesPerSec: 25_600, latencyPs: 300_000 });
  const zipf = new Zipf(512, 0.99);
  const lock = new RwLock("mmap_lock");
  const cpus = new CpuSet(sim, 4);
  for (const device of [0, 1]) {
    const link = links.link({ name: `gpu${device}`, megabytesPerSec: 16_000, latencyPs: 200_000 });
    const route = links.route(`gpu${device}`, [uplink.there, link.there]);
    const buffer = new BoundedQueue(`faults ${device}`, { capacity: 64, overflow: "drop" });
    const machine = { sim, records, route, buffer, lock, cpus, device };
    sim.spawn(`gpu${device}`, function* () {
      const stream = sim.random.stream(`gpu${device}`);
      for (let i = 0; i < NR_FAULTS; i++) {
        yield exponential(stream, 400 * PS_PER_NS);
        buffer.offer(zipf.draw(stream));
      }
      yield 10_000 * PS_PER_US;
    });
    sim.spawn(`worker ${device}`, (self) => serve(self, machine), { isDaemon: true });
  }
  sim.run();
  records.flush();
  return records;
}

/** The digest of a run; for a program that has nothing else of this package. */
export function pinnedDigest(seed: number): string {
  return digestOfRecords(pinnedRun(seed));
}

interface Machine {
  readonly sim: Sim;
  readonly records: FaultRecords;
  readonly route: Route;
  readonly buffer: BoundedQueue;
  readonly lock: RwLock;
  readonly cpus: CpuSet;
  readonly device: number;
}

function* serve(self: Actor, machine: Machine): Generator<number, never, number> {
  const { sim, records, route, buffer, lock, cpus, device } = machine;
  const clock = new StageClock();
  const costs = { deliveryPs: 500 * PS_PER_NS, handlerPs: 200 * PS_PER_NS };
  for (;;) {
    const page = yield buffer.take(self);
    const beganPs = sim.nowPs;
    self.stages = clock;
    clock.start(STAGE_DELIVER, beganPs);
    yield 120 * PS_PER_NS;
    clock.switchTo(STAGE_FETCH, sim.nowPs);
    yield cpus.cpu(device).run(self, 50 * PS_PER_NS);
    const isWrite = page % 7 === 0;
    yield isWrite ? lock.write(self) : lock.read(self);
    if (isWrite) {
      clock.switchTo(STAGE_INVALIDATE, sim.nowPs);
      yield cpus.shootdown(self, device, 0b1111, costs);
    }
    clock.switchTo(STAGE_COPY, sim.nowPs);
    yield route.transfer(self, PAGE_BYTES);
    clock.switchTo(STAGE_MAP, sim.nowPs);
    yield 80 * PS_PER_NS;
    if (isWrite) lock.unlockWrite(self);
    else lock.unlockRead(self);
    clock.breakdown.spendBeside(waitActivity(WAIT_BUFFER), buffer.length);
    clock.finish(sim.nowPs);
    self.stages = null;
    records.append(beganPs, device, 1, page, ACCESS_WRITE, clock.breakdown);
  }
}
