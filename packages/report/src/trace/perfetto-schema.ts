// The part of Perfetto's trace format that is written here: messages of track events with interned
// names. Names and numbers of fields are those of its public schema (protos/perfetto/trace).

/** A field; what is repeated is not packed, as in the schema's proto2. */
interface Field {
  readonly id: number;
  readonly type: string;
  readonly rule?: "repeated";
}

interface Message {
  readonly fields: Record<string, Field & { readonly options: { readonly packed: false } }>;
}

function message(fields: Readonly<Record<string, Field>>): Message {
  const all = Object.entries(fields).map(([name, field]) => {
    return [name, { ...field, options: { packed: false as const } }] as const;
  });
  return { fields: Object.fromEntries(all) };
}

/** The schema, as protobufjs reads it; made anew each time, because it changes what it reads. */
export function perfettoSchema(): { nested: Record<string, Message> } {
  const nested = {
    Trace: message({ packet: { id: 1, type: "TracePacket", rule: "repeated" } }),
    TracePacket: message({
      timestamp: { id: 8, type: "uint64" },
      trustedPacketSequenceId: { id: 10, type: "uint32" },
      trackEvent: { id: 11, type: "TrackEvent" },
      internedData: { id: 12, type: "InternedData" },
      sequenceFlags: { id: 13, type: "uint32" },
      trackDescriptor: { id: 60, type: "TrackDescriptor" },
    }),
    TrackDescriptor: message({
      uuid: { id: 1, type: "uint64" },
      name: { id: 2, type: "string" },
      parentUuid: { id: 5, type: "uint64" },
      counter: { id: 8, type: "CounterDescriptor" },
    }),
    CounterDescriptor: message({ unit: { id: 3, type: "uint32" } }),
    TrackEvent: message({
      categoryIids: { id: 3, type: "uint64", rule: "repeated" },
      debugAnnotations: { id: 4, type: "DebugAnnotation", rule: "repeated" },
      type: { id: 9, type: "uint32" },
      nameIid: { id: 10, type: "uint64" },
      trackUuid: { id: 11, type: "uint64" },
      counterValue: { id: 30, type: "int64" },
      flowIds: { id: 47, type: "fixed64", rule: "repeated" },
      terminatingFlowIds: { id: 48, type: "fixed64", rule: "repeated" },
    }),
    DebugAnnotation: message({
      nameIid: { id: 1, type: "uint64" },
      intValue: { id: 4, type: "int64" },
      stringValue: { id: 6, type: "string" },
    }),
    InternedData: message({
      eventCategories: { id: 1, type: "InternedName", rule: "repeated" },
      eventNames: { id: 2, type: "InternedName", rule: "repeated" },
      debugAnnotationNames: { id: 3, type: "InternedName", rule: "repeated" },
    }),
    InternedName: message({ iid: { id: 1, type: "uint64" }, name: { id: 2, type: "string" } }),
  };
  return { nested };
}

/** The kinds of track events. */
export const SLICE_BEGIN = 1;
/** @see {@link SLICE_BEGIN} */
export const SLICE_END = 2;
/** @see {@link SLICE_BEGIN} */
export const COUNTER = 4;

/** Flags of packets: names begin anew; names that were interned are needed. */
export const STATE_CLEARED = 1;
/** @see {@link STATE_CLEARED} */
export const NEEDS_STATE = 2;

/** Units of counters. */
export const UNIT_COUNT = 2;
/** @see {@link UNIT_COUNT} */
export const UNIT_SIZE_BYTES = 3;
