import protobuf from "protobufjs";
import { describe, expect, test } from "vitest";
import { smallReport } from "../test-kit/small-report.ts";
import { tracedRuns } from "./run-trace.ts";

// Perfetto's messages in the language of its own schema, as far as they are looked at here.
const SCHEMA = `
syntax = "proto2";
package perfetto.protos;
message Trace { repeated TracePacket packet = 1; }
message TracePacket {
  optional uint64 timestamp = 8;
  oneof optional_trusted_packet_sequence_id { uint32 trusted_packet_sequence_id = 10; }
  oneof data { TrackEvent track_event = 11; TrackDescriptor track_descriptor = 60; }
  optional InternedData interned_data = 12;
  optional uint32 sequence_flags = 13;
}
message TrackDescriptor {
  optional uint64 uuid = 1;
  optional string name = 2;
  optional uint64 parent_uuid = 5;
  optional CounterDescriptor counter = 8;
}
message CounterDescriptor {
  enum Unit { UNIT_UNSPECIFIED = 0; UNIT_TIME_NS = 1; UNIT_COUNT = 2; UNIT_SIZE_BYTES = 3; }
  optional Unit unit = 3;
}
message TrackEvent {
  enum Type {
    TYPE_UNSPECIFIED = 0;
    TYPE_SLICE_BEGIN = 1;
    TYPE_SLICE_END = 2;
    TYPE_INSTANT = 3;
    TYPE_COUNTER = 4;
  }
  repeated uint64 category_iids = 3;
  repeated DebugAnnotation debug_annotations = 4;
  optional Type type = 9;
  oneof name_field { uint64 name_iid = 10; string name = 23; }
  optional uint64 track_uuid = 11;
  oneof counter_value_field { int64 counter_value = 30; double double_counter_value = 44; }
  repeated fixed64 flow_ids = 47;
  repeated fixed64 terminating_flow_ids = 48;
}
message DebugAnnotation {
  oneof name_field { uint64 name_iid = 1; string name = 10; }
  oneof value { int64 int_value = 4; string string_value = 6; }
}
message EventName { optional uint64 iid = 1; optional string name = 2; }
message InternedData {
  repeated EventName event_categories = 1;
  repeated EventName event_names = 2;
  repeated EventName debug_annotation_names = 3;
}
`;

interface Named {
  readonly iid: number;
  readonly name: string;
}

interface Packet {
  readonly timestamp?: number;
  readonly trustedPacketSequenceId: number;
  readonly sequenceFlags?: number;
  readonly internedData?: Readonly<
    Record<"eventCategories" | "eventNames" | "debugAnnotationNames", readonly Named[]>
  >;
  readonly trackDescriptor?: {
    readonly uuid: number;
    readonly name: string;
    readonly parentUuid?: number;
  };
  readonly trackEvent?: {
    readonly type: string;
    readonly trackUuid: number;
    readonly nameIid?: number;
    readonly counterValue?: number;
    readonly flowIds?: readonly number[];
    readonly terminatingFlowIds?: readonly number[];
    readonly debugAnnotations?: readonly {
      nameIid: number;
      intValue?: number;
      stringValue?: string;
    }[];
  };
}

/** A slice as a reader of the trace puts it together. */
interface Slice {
  readonly name: string;
  readonly track: number;
  readonly startNs: number;
  endNs: number;
  readonly notes: Record<string, number | string>;
  readonly flows: readonly number[];
  readonly lastFlows: readonly number[];
  readonly inside: Slice[];
}

function decode(bytes: Uint8Array): Packet[] {
  const trace = protobuf.parse(SCHEMA).root.lookupType("perfetto.protos.Trace");
  const plain = trace.toObject(trace.decode(bytes), { longs: Number, enums: String });
  return (plain as { packet: Packet[] }).packet;
}

/** Matches begins with ends, track by track; what does not match fails. */
function slicesOf(packets: readonly Packet[]): { all: Slice[]; top: Slice[] } {
  const interned = packets[0]?.internedData;
  const nameOf = (kind: "eventNames" | "debugAnnotationNames", iid: number): string => {
    const found = interned?.[kind].find((one) => one.iid === iid);
    if (found === undefined) throw new Error(`${kind} ${iid} is not interned`);
    return found.name;
  };
  const open = new Map<number, Slice[]>();
  const [all, top]: [Slice[], Slice[]] = [[], []];
  for (const { timestamp: ns = 0, trackEvent: event } of packets) {
    if (event === undefined) continue;
    const stack = open.get(event.trackUuid) ?? [];
    open.set(event.trackUuid, stack);
    if (event.type === "TYPE_SLICE_END") {
      const ended = stack.pop();
      if (ended === undefined) throw new Error("an end without a beginning");
      ended.endNs = ns;
    } else if (event.type === "TYPE_SLICE_BEGIN") {
      const notes = (event.debugAnnotations ?? []).map((note) => {
        const value = note.intValue ?? note.stringValue ?? "";
        return [nameOf("debugAnnotationNames", note.nameIid), value] as const;
      });
      const slice: Slice = {
        name: nameOf("eventNames", event.nameIid ?? 0),
        track: event.trackUuid,
        startNs: ns,
        endNs: Number.NaN,
        notes: Object.fromEntries(notes),
        flows: event.flowIds ?? [],
        lastFlows: event.terminatingFlowIds ?? [],
        inside: [],
      };
      (stack.at(-1)?.inside ?? top).push(slice);
      stack.push(slice);
      all.push(slice);
    }
  }
  for (const stack of open.values()) expect(stack).toEqual([]);
  return { all, top };
}

describe("a trace of runs", async () => {
  const runs = [smallReport("a"), smallReport("b", 30)];
  const bytes = await tracedRuns(runs);
  const packets = decode(bytes);
  const { all, top } = slicesOf(packets);
  const faults = top.filter(({ name }) => name.endsWith(" fault"));

  test("has the same bytes each time, and nothing that the schema does not know", async () => {
    expect(await tracedRuns([smallReport("a"), smallReport("b", 30)])).toEqual(bytes);
    const trace = protobuf.parse(SCHEMA).root.lookupType("perfetto.protos.Trace");
    expect(trace.encode(trace.decode(bytes)).finish().length).toBe(bytes.length);
  });

  test("begins with a packet that clears the state, and says of others that they need it", () => {
    expect(packets[0]?.sequenceFlags).toBe(1);
    for (const { trackEvent, sequenceFlags, trustedPacketSequenceId } of packets) {
      expect(trustedPacketSequenceId).toBe(1);
      if (trackEvent !== undefined) expect(sequenceFlags).toBe(2);
    }
  });

  test("has a track for each device, CPU, link and place, below its run", () => {
    const tracks = packets.flatMap(({ trackDescriptor }) => trackDescriptor ?? []);
    const byId = new Map(tracks.map((track) => [track.uuid, track]));
    expect(byId.size).toBe(tracks.length);
    const paths = tracks.map((track) => {
      const names = [track.name];
      for (let up = track.parentUuid; up !== undefined; up = byId.get(up)?.parentUuid) {
        names.unshift(byId.get(up)?.name ?? "?");
      }
      return names.join(" / ");
    });
    for (const run of ["dir/some.yaml, a, seed 7", "dir/some.yaml, b, seed 7"]) {
      for (const track of [
        "steps / scenario",
        "devices / gpu0",
        "CPUs / CPU 3",
        "links / node 0 → gpu0",
        "memory in use / gpu0",
      ]) {
        expect(paths).toContain(`${run} / ${track}`);
      }
    }
  });

  test("has events in the order of time, and slices that lie inside those around them", () => {
    const times = packets.flatMap((one) =>
      one.trackEvent === undefined ? [] : [one.timestamp ?? 0],
    );
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    for (const { startNs, endNs, inside } of all) {
      expect(endNs).toBeGreaterThanOrEqual(startNs);
      for (const inner of inside) {
        expect(inner.startNs).toBeGreaterThanOrEqual(startNs);
        expect(inner.endNs).toBeLessThanOrEqual(endNs);
      }
    }
  });

  test("has every fault, whose slices follow each other and add up to its latency", () => {
    expect(faults.length).toBe(10);
    for (const { startNs, endNs, notes, inside } of faults) {
      const ps = inside.map((inner) => Number(inner.notes["duration_ps"]));
      expect(ps.reduce((sum, one) => sum + one, 0)).toBe(notes["latency_ps"]);
      expect(inside.map((inner) => inner.startNs)).toEqual([
        startNs,
        ...inside.slice(0, -1).map((inner) => inner.endNs),
      ]);
      expect(inside.at(-1)?.endNs).toBe(endNs);
    }
    const waits = all.filter(({ name }) => name === "wait: lock");
    expect(waits.map(({ notes }) => notes["duration_ps"])).toEqual(waits.map(() => 2_000_000));
  });

  test("leads a flow from each fault with a copy through it to the fault's replay", () => {
    const flowing = faults.filter(({ flows }) => flows.length > 0);
    expect(flowing.length).toBe(8);
    const ids = flowing.flatMap(({ flows }) => flows);
    expect(new Set(ids).size).toBe(ids.length);
    for (const fault of flowing) {
      const [flow] = fault.flows;
      const passes = all.filter(({ flows }) => flows.includes(flow ?? 0));
      expect(passes.map(({ name }) => name).sort()).toEqual(["migration", "write fault"]);
      const ends = all.filter(({ lastFlows }) => lastFlows.includes(flow ?? 0));
      expect(ends.map(({ name }) => name)).toEqual(["replay"]);
      expect(fault.inside).toContain(ends[0]);
      const migration = passes.find(({ name }) => name === "migration");
      expect(migration?.startNs).toBeGreaterThanOrEqual(fault.startNs);
      expect(ends[0]?.startNs).toBeGreaterThanOrEqual(migration?.endNs ?? Number.NaN);
    }
  });

  test("gives faults at the same time lanes of their own", () => {
    // The second run's faults take longer than the time between two of them.
    const tracks = new Set(faults.slice(0).map(({ track }) => track));
    expect(tracks.size).toBeGreaterThan(4);
  });
});
