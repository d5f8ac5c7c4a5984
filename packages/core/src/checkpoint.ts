// Checkpoints of a world. Chunks of frames and tables are shared until one side writes; all other
// objects are few, so their fields are copied. Restoring puts fields back into the same objects:
// a reference to an mm or a task that a caller holds stays good.
import type { World } from "./world.ts";

/** The entries of a map. */
export interface SavedMap {
  /** In their order. */
  readonly entries: readonly (readonly [unknown, unknown])[];
}

/** A saved state; restore it as often as wanted. */
export interface Checkpoint {
  readonly fields: ReadonlyMap<object, Readonly<Record<string, unknown>>>;
  readonly arrays: ReadonlyMap<unknown[], readonly unknown[]>;
  readonly maps: ReadonlyMap<Map<unknown, unknown>, SavedMap>;
  readonly sets: ReadonlyMap<Set<unknown>, readonly unknown[]>;
  readonly columns: ReadonlyMap<ArrayBufferView, ArrayBufferView>;
}

interface Saver {
  readonly fields: Map<object, Record<string, unknown>>;
  readonly arrays: Map<unknown[], unknown[]>;
  readonly maps: Map<Map<unknown, unknown>, SavedMap>;
  readonly sets: Map<Set<unknown>, unknown[]>;
  readonly columns: Map<ArrayBufferView, ArrayBufferView>;
  readonly opaque: Set<unknown>;
  readonly pending: unknown[];
}

type Column = ArrayBufferView & { slice(): Column; set(from: ArrayLike<number>): void };

/**
 * Saves the world. Cheap: proportional to the number of mappings and chunks, not of pages. The
 * world must be at rest, with no verb under way.
 */
export function takeCheckpoint(world: World): Checkpoint {
  const saver: Saver = {
    fields: new Map(),
    arrays: new Map(),
    maps: new Map(),
    sets: new Map(),
    columns: new Map(),
    opaque: new Set(),
    pending: [world],
  };
  // Chunks are saved by reference: moving the epochs on makes both sides copy before they write.
  for (const chunk of world.frames.chunks) saver.opaque.add(chunk);
  for (const chunk of world.tables.chunks) saver.opaque.add(chunk);
  if (world.recorder !== null) saver.opaque.add(world.recorder);
  while (saver.pending.length > 0) save(saver, saver.pending.pop());
  world.frames.epoch++;
  world.tables.epoch++;
  return saver;
}

/** Puts the world back to the checkpoint. */
export function restoreCheckpoint(world: World, checkpoint: Checkpoint): void {
  const frameEpoch = world.frames.epoch;
  const tableEpoch = world.tables.epoch;
  const recorder = world.recorder;
  for (const [object, fields] of checkpoint.fields) Object.assign(object, fields);
  for (const [array, saved] of checkpoint.arrays) {
    array.length = 0;
    for (const item of saved) array.push(item);
  }
  for (const [map, saved] of checkpoint.maps) {
    map.clear();
    for (const [key, value] of saved.entries) map.set(key, value);
  }
  for (const [set, saved] of checkpoint.sets) {
    set.clear();
    for (const item of saved) set.add(item);
  }
  for (const [column, saved] of checkpoint.columns) {
    (column as Column).set(saved as unknown as ArrayLike<number>);
  }
  world.frames.epoch = frameEpoch + 1;
  world.tables.epoch = tableEpoch + 1;
  world.recorder = recorder;
}

function save(saver: Saver, value: unknown): void {
  if (typeof value !== "object" || value === null || saver.opaque.has(value)) return;
  saver.opaque.add(value);
  if (ArrayBuffer.isView(value)) {
    saver.columns.set(value, (value as Column).slice());
  } else if (Array.isArray(value)) {
    saver.arrays.set(value, value.slice());
    for (const item of value) saver.pending.push(item);
  } else if (value instanceof Map) {
    saver.maps.set(value, { entries: [...value] });
    for (const [key, item] of value) saver.pending.push(key, item);
  } else if (value instanceof Set) {
    saver.sets.set(value, [...value]);
    for (const item of value) saver.pending.push(item);
  } else {
    if (Object.isFrozen(value)) return;
    const fields = { ...(value as Record<string, unknown>) };
    saver.fields.set(value, fields);
    for (const field of Object.values(fields)) saver.pending.push(field);
  }
}
