// Writes tracks, slices and counters as packets of a Perfetto trace: times in whole nanoseconds,
// names interned. Slices of a track that overlap without being inside each other would be wrong, so
// a track has as many lanes as it needs; Perfetto shows tracks of one name and parent together.
import type { Type } from "protobufjs/light.js";
import {
  COUNTER,
  NEEDS_STATE,
  perfettoSchema,
  SLICE_BEGIN,
  SLICE_END,
  STATE_CLEARED,
  UNIT_COUNT,
} from "./perfetto-schema.ts";

/** What a slice tells beside its name. */
export type TraceNotes = Readonly<Record<string, number | string>>;

/** A slice, with those inside it. */
export interface TraceSlice {
  readonly name: string;
  readonly category: string;
  readonly startPs: number;
  readonly endPs: number;
  readonly notes?: TraceNotes;
  /** Flows that pass through its beginning. */
  readonly flows?: readonly number[];
  /** Flows that end with its beginning. */
  readonly lastFlows?: readonly number[];
  /** One after another, from its start to its end at most. */
  readonly inside?: readonly TraceSlice[];
}

/** A value from an instant on. */
export interface TraceValue {
  readonly timePs: number;
  readonly value: number;
}

interface TraceEvent {
  readonly timePs: number;
  readonly packet: object;
}

interface Names {
  readonly field: "eventCategories" | "eventNames" | "debugAnnotationNames";
  readonly ids: Map<string, number>;
}

const SEQUENCE = 1;
const PS_PER_NS = 1000;

/** One trace. */
export class TraceWriter {
  private readonly tracks: object[] = [];
  private readonly events: TraceEvent[] = [];
  private readonly categories: Names = { field: "eventCategories", ids: new Map() };
  private readonly names: Names = { field: "eventNames", ids: new Map() };
  private readonly notes: Names = { field: "debugAnnotationNames", ids: new Map() };

  /** A track that others are below; its number. */
  track(name: string, parent?: number): number {
    return this.describe({ name, ...(parent === undefined ? {} : { parentUuid: parent }) });
  }

  /** Slices of one track, in any order; those at the same time get lanes of their own. */
  slices(name: string, parent: number, all: readonly TraceSlice[]): void {
    const lanes: { uuid: number; endPs: number }[] = [];
    for (const slice of all.toSorted((a, b) => a.startPs - b.startPs)) {
      let lane = lanes.find(({ endPs }) => endPs <= slice.startPs);
      if (lane === undefined) lanes.push((lane = { uuid: this.track(name, parent), endPs: 0 }));
      lane.endPs = slice.endPs;
      this.slice(lane.uuid, slice);
    }
  }

  /** A counter's values, in the order of time. */
  counter(
    name: string,
    parent: number,
    values: readonly TraceValue[],
    unit: number = UNIT_COUNT,
  ): void {
    const uuid = this.describe({ name, parentUuid: parent, counter: { unit } });
    for (const { timePs, value } of values) {
      this.event(timePs, { type: COUNTER, trackUuid: uuid, counterValue: value });
    }
  }

  /** The bytes of the trace. */
  async bytes(): Promise<Uint8Array> {
    const trace = await traceType();
    const all = [
      {
        trustedPacketSequenceId: SEQUENCE,
        sequenceFlags: STATE_CLEARED,
        internedData: Object.fromEntries(
          [this.categories, this.names, this.notes].map(({ field, ids }) => [
            field,
            [...ids].map(([name, iid]) => ({ iid, name })),
          ]),
        ),
      },
      ...this.tracks,
      // Sorting is stable: what begins and ends at one instant stays in its order.
      ...this.events.toSorted((a, b) => a.timePs - b.timePs).map(({ packet }) => packet),
    ];
    return trace.encode({ packet: all }).finish();
  }

  private slice(track: number, slice: TraceSlice): void {
    const { name, category, startPs, endPs, notes = {}, flows = [], lastFlows = [] } = slice;
    this.event(startPs, {
      type: SLICE_BEGIN,
      trackUuid: track,
      nameIid: idOf(this.names, name),
      categoryIids: [idOf(this.categories, category)],
      debugAnnotations: Object.entries(notes).map(([key, value]) => ({
        nameIid: idOf(this.notes, key),
        ...(typeof value === "number" ? { intValue: value } : { stringValue: value }),
      })),
      flowIds: flows,
      terminatingFlowIds: lastFlows,
    });
    for (const inner of slice.inside ?? []) this.slice(track, inner);
    this.event(endPs, { type: SLICE_END, trackUuid: track });
  }

  private describe(descriptor: object): number {
    const uuid = this.tracks.length + 1;
    this.tracks.push({
      trustedPacketSequenceId: SEQUENCE,
      trackDescriptor: { uuid, ...descriptor },
    });
    return uuid;
  }

  private event(timePs: number, trackEvent: object): void {
    const packet = {
      timestamp: Math.floor(timePs / PS_PER_NS),
      trustedPacketSequenceId: SEQUENCE,
      sequenceFlags: NEEDS_STATE,
      trackEvent,
    };
    this.events.push({ timePs, packet });
  }
}

function idOf({ ids }: Names, name: string): number {
  let id = ids.get(name);
  if (id === undefined) ids.set(name, (id = ids.size + 1));
  return id;
}

/** The library is loaded when it is needed. */
async function traceType(): Promise<Type> {
  const { default: protobuf } = await import("protobufjs/light.js");
  return protobuf.Root.fromJSON(perfettoSchema()).lookupType("Trace");
}
