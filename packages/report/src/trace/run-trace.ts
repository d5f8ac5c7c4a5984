// Runs as a Perfetto trace. Each run is a track with others below it: its steps, a track for each
// device, CPU, queue, worker, lock and way between memories, and memory in use. A flow leads from a
// fault through the copies that served it to its replay.
import {
  ACCESS_NAMES,
  ACTIVITY_NAMES,
  CPU_DEVICE,
  NR_STAGES,
  RECORD_NONE,
  STAGE_REPLAY,
  waitName,
} from "@faultline/sim";
import { faulterName, placeName } from "../export/named-run.ts";
import type { ReportRun } from "../html/report-run.ts";
import { UNIT_SIZE_BYTES } from "./perfetto-schema.ts";
import { type TraceSlice, type TraceValue, TraceWriter } from "./trace-writer.ts";

/** The bytes of a trace (`.pftrace`) of runs whose records have timelines. */
export function tracedRuns(runs: readonly ReportRun[]): Promise<Uint8Array> {
  const writer = new TraceWriter();
  let firstFlow = 1;
  for (const one of runs) {
    new RunTrace(writer, one, firstFlow).write();
    firstFlow += one.record.faults.nrRows;
  }
  return writer.bytes();
}

/** Slices by the names of their tracks, in the order in which tracks first had one. */
type Tracks = Map<string, TraceSlice[]>;

function addTo(tracks: Tracks, name: string, slice: TraceSlice): void {
  const slices = tracks.get(name);
  if (slices === undefined) tracks.set(name, [slice]);
  else slices.push(slice);
}

class RunTrace {
  private readonly writer: TraceWriter;
  private readonly one: ReportRun;
  /** The flow of the first fault; the others' follow. */
  private readonly firstFlow: number;
  private readonly root: number;

  constructor(writer: TraceWriter, one: ReportRun, firstFlow: number) {
    this.writer = writer;
    this.one = one;
    this.firstFlow = firstFlow;
    const { scenario, profile, seed } = one.run;
    this.root = writer.track(`${scenario}, ${profile}, seed ${seed}`);
  }

  write(): void {
    this.group("steps", this.steps());
    const { devices, cpus } = this.faults();
    this.group("devices", devices);
    this.group("CPUs", cpus);
    this.queues();
    this.group("locks and other waits", this.waits());
    this.group("links", this.links());
    this.memory();
  }

  private group(name: string, tracks: Tracks): void {
    if (tracks.size === 0) return;
    const group = this.writer.track(name, this.root);
    for (const [track, slices] of tracks) this.writer.slices(track, group, slices);
  }

  private steps(): Tracks {
    const tracks: Tracks = new Map();
    for (const { number, line, text, result, beganPs, tookPs } of this.one.steps) {
      const notes = { line, result };
      const times = { startPs: beganPs, endPs: beganPs + tookPs };
      addTo(tracks, "scenario", { name: `${number} ${text}`, category: "step", notes, ...times });
    }
    return tracks;
  }

  private faults(): { devices: Tracks; cpus: Tracks } {
    const { run, record } = this.one;
    const { faults } = record;
    const [devices, cpus]: [Tracks, Tracks] = [new Map(), new Map()];
    for (let fault = 0; fault < faults.nrRows; fault++) {
      const device = faults.at(fault, "device");
      const place = faults.at(fault, "place");
      if (device === CPU_DEVICE) addTo(cpus, `CPU ${place}`, this.fault(fault));
      else addTo(devices, faulterName(run, device), this.fault(fault));
    }
    return { devices, cpus };
  }

  private fault(fault: number): TraceSlice {
    const { faults, slices, uses } = this.one.record;
    const startPs = faults.at(fault, "startPs");
    const endPs = startPs + faults.at(fault, "latencyPs");
    const lastSlice = endOf(faults.column("firstSlice"), fault, slices.nrRows);
    const nrUses =
      endOf(faults.column("firstUse"), fault, uses.nrRows) - faults.at(fault, "firstUse");
    const flows = nrUses === 0 ? [] : [this.firstFlow + fault];
    const inside: TraceSlice[] = [];
    let atPs = startPs;
    for (let slice = faults.at(fault, "firstSlice"); slice < lastSlice; slice++) {
      const activity = slices.at(slice, "activity");
      const durationPs = slices.at(slice, "durationPs");
      const isWait = activity >= NR_STAGES;
      const name = ACTIVITY_NAMES[activity] ?? "";
      inside.push({
        name: isWait ? `wait: ${name}` : name,
        category: isWait ? "wait" : "stage",
        startPs: atPs,
        endPs: atPs + durationPs,
        notes: { duration_ps: durationPs },
        ...(activity === STAGE_REPLAY ? { lastFlows: flows } : {}),
      });
      atPs += durationPs;
    }
    const access = ACCESS_NAMES[faults.at(fault, "access")] ?? "read";
    return {
      name: `${access} fault`,
      category: "fault",
      startPs,
      endPs,
      notes: {
        fault,
        process: faults.at(fault, "process"),
        page: `0x${faults.at(fault, "page").toString(16)}`,
        latency_ps: endPs - startPs,
      },
      flows,
      inside,
    };
  }

  /** What workers serve at once, and how many faults wait for them. */
  private queues(): void {
    const { run, record } = this.one;
    const { batches, words, faults, slices } = record;
    const workers: Tracks = new Map();
    for (let row = 0; row < batches.nrRows; row++) {
      const nrFaults = batches.at(row, "nrFaults");
      addTo(workers, words[batches.at(row, "worker")] ?? "", {
        name: "batch",
        category: "queue",
        startPs: batches.at(row, "startPs"),
        endPs: batches.at(row, "endPs"),
        notes: { faults: nrFaults },
      });
    }
    const changes = new Map<string, TraceValue[]>();
    for (let fault = 0; fault < faults.nrRows; fault++) {
      const queue = faults.at(fault, "place");
      const device = faults.at(fault, "device");
      if (queue === RECORD_NONE || device === CPU_DEVICE) continue;
      const name = `${faulterName(run, device)}, queue ${queue}`;
      const list = changes.get(name) ?? [];
      changes.set(name, list);
      const last = endOf(faults.column("firstSlice"), fault, slices.nrRows);
      let atPs = faults.at(fault, "startPs");
      for (let slice = faults.at(fault, "firstSlice"); slice < last; slice++) {
        const durationPs = slices.at(slice, "durationPs");
        if (ACTIVITY_NAMES[slices.at(slice, "activity")] === "queue") {
          list.push({ timePs: atPs, value: 1 }, { timePs: atPs + durationPs, value: -1 });
        }
        atPs += durationPs;
      }
    }
    if (workers.size === 0) return;
    const group = this.writer.track("queues", this.root);
    for (const [name, list] of changes) {
      this.writer.counter(`${name}, faults waiting`, group, added(list));
    }
    for (const [name, list] of workers) this.writer.slices(name, group, list);
  }

  /** Who holds each mmap_lock, and who waits for what. */
  private waits(): Tracks {
    const { locks, waits, words } = this.one.record;
    const tracks: Tracks = new Map();
    const held = new Map<number, number>();
    for (let row = 0; row < locks.nrRows; row++) {
      const mm = locks.at(row, "mm");
      const before = held.get(mm);
      if (before !== undefined) this.addHold(tracks, before, locks.at(row, "timePs"));
      const isFree = locks.at(row, "readers") + locks.at(row, "writers") === 0;
      if (isFree) held.delete(mm);
      else held.set(mm, row);
    }
    for (const row of held.values()) this.addHold(tracks, row, this.one.simulatedPs);
    for (let row = 0; row < waits.nrRows; row++) {
      const holder = waits.at(row, "holder");
      const object = words[waits.at(row, "object")] ?? "";
      addTo(tracks, `waiting for ${object.replace(/ (?:of )?\d+$/, "")}`, {
        name: words[waits.at(row, "waiter")] ?? "",
        category: "wait",
        startPs: waits.at(row, "startPs"),
        endPs: waits.at(row, "endPs"),
        notes: {
          object,
          kind: waitName(waits.at(row, "kind")),
          ...(holder === RECORD_NONE ? {} : { holder: words[holder] ?? "" }),
        },
      });
    }
    return tracks;
  }

  private addHold(tracks: Tracks, row: number, endPs: number): void {
    const { locks } = this.one.record;
    const readers = locks.at(row, "readers");
    const startPs = locks.at(row, "timePs");
    if (endPs === startPs) return;
    const name = locks.at(row, "writers") > 0 ? "held for writing" : "held for reading";
    const slice = { name, category: "lock", startPs, endPs, notes: { readers } };
    addTo(tracks, `mmap_lock of mm ${locks.at(row, "mm")}`, slice);
  }

  private links(): Tracks {
    const { run, record } = this.one;
    const { transfers, faults, uses } = record;
    const flows = new Map<number, number[]>();
    for (let fault = 0; fault < faults.nrRows; fault++) {
      const end = endOf(faults.column("firstUse"), fault, uses.nrRows);
      for (let use = faults.at(fault, "firstUse"); use < end; use++) {
        const transfer = uses.at(use, "transfer");
        const list = flows.get(transfer) ?? [];
        flows.set(transfer, list);
        list.push(this.firstFlow + fault);
      }
    }
    const tracks: Tracks = new Map();
    for (let row = 0; row < transfers.nrRows; row++) {
      const from = placeName(run, transfers.at(row, "from"));
      const pages = transfers.at(row, "nrPages");
      const startPs = transfers.at(row, "startPs");
      const engine = transfers.at(row, "engine");
      addTo(tracks, `${from} → ${placeName(run, transfers.at(row, "to"))}`, {
        name: "migration",
        category: "migration",
        startPs,
        endPs: startPs + transfers.at(row, "durationPs"),
        notes: {
          pages,
          bytes: pages * run.pageBytes,
          copied_by: engine === RECORD_NONE ? "cpu" : run.nameOf(engine),
        },
        flows: flows.get(row) ?? [],
      });
    }
    return tracks;
  }

  private memory(): void {
    const { run, record } = this.one;
    const { usage } = record;
    const places = new Map<number, TraceValue[]>();
    for (let row = 0; row < usage.nrRows; row++) {
      const place = usage.at(row, "place");
      const values = places.get(place) ?? [];
      places.set(place, values);
      const value = usage.at(row, "nrPages") * run.pageBytes;
      values.push({ timePs: usage.at(row, "timePs"), value });
    }
    if (places.size === 0) return;
    const group = this.writer.track("memory in use", this.root);
    for (const [place, values] of [...places].sort(([a], [b]) => a - b)) {
      this.writer.counter(placeName(run, place), group, values, UNIT_SIZE_BYTES);
    }
  }
}

/** Where the rows of one fault end: where those of the next begin. */
function endOf(firsts: Float64Array, fault: number, nrRows: number): number {
  return firsts[fault + 1] ?? nrRows;
}

/** Sums of changes, in the order of time. */
function added(changes: readonly TraceValue[]): TraceValue[] {
  let sum = 0;
  return changes
    .toSorted((a, b) => a.timePs - b.timePs)
    .map(({ timePs, value }) => ({ timePs, value: (sum += value) }));
}
