// Fields of binary structures: said once, read and written from that. All integers are
// little-endian, as ACPI has them.
import { checkArgument } from "@faultline/core";

/** A field of a structure; offsets count from the structure's first byte. */
export interface Field<Value> {
  /** The bytes that the field occupies, as [offset, size] pairs. */
  readonly covers: readonly (readonly [offset: number, size: number])[];
  read(view: DataView, structure: number): Value;
  write(view: DataView, structure: number, value: Value, name: string): void;
}

/** Fields by name, in the order in which people read them. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** The values that go with fields. */
export type ValuesOf<F> = { readonly [K in keyof F]: F[K] extends Field<infer V> ? V : never };

/** Reads every field of the structure that starts at `structure`. */
export function readFields<F extends Fields>(
  fields: F,
  view: DataView,
  structure: number,
): ValuesOf<F> {
  const values = Object.entries(fields).map(([name, field]) => [name, field.read(view, structure)]);
  return Object.fromEntries(values) as ValuesOf<F>;
}

/**
 * Writes every field; bytes that no field covers stay as they are.
 * @throws ArgumentError naming the field whose value does not fit.
 */
export function writeFields<F extends Fields>(
  fields: F,
  view: DataView,
  structure: number,
  values: ValuesOf<F>,
): void {
  for (const [name, field] of Object.entries(fields)) {
    field.write(view, structure, values[name], name);
  }
}

/** The offset of the first byte between `start` and `size` that no field covers and is not 0. */
export function firstReservedByte(
  fields: Fields,
  view: DataView,
  structure: number,
  [start, size]: readonly [start: number, size: number],
): number | null {
  const isCovered = new Set<number>();
  for (const { covers } of Object.values(fields)) {
    for (const [offset, length] of covers) {
      for (let at = offset; at < offset + length; at++) isCovered.add(at);
    }
  }
  for (let at = start; at < size; at++) {
    if (!isCovered.has(at) && view.getUint8(structure + at) !== 0) return at;
  }
  return null;
}

/** An unsigned integer of one, two or four bytes. */
function unsigned(offset: number, size: 1 | 2 | 4): Field<number> {
  const max = 2 ** (8 * size) - 1;
  return {
    covers: [[offset, size]],
    read: (view, structure) => {
      const at = structure + offset;
      if (size === 1) return view.getUint8(at);
      return size === 2 ? view.getUint16(at, true) : view.getUint32(at, true);
    },
    write: (view, structure, value, name) => {
      const fits = Number.isInteger(value) && value >= 0 && value <= max;
      checkArgument(fits, name, `${value} is no integer from 0 to ${max}`);
      const at = structure + offset;
      if (size === 1) view.setUint8(at, value);
      else if (size === 2) view.setUint16(at, value, true);
      else view.setUint32(at, value, true);
    },
  };
}

/** One byte. */
export function u8(offset: number): Field<number> {
  return unsigned(offset, 1);
}

/** Two bytes. */
export function u16(offset: number): Field<number> {
  return unsigned(offset, 2);
}

/** Four bytes. */
export function u32(offset: number): Field<number> {
  return unsigned(offset, 4);
}

/** Eight bytes. */
export function u64(offset: number): Field<bigint> {
  return {
    covers: [[offset, 8]],
    read: (view, structure) => view.getBigUint64(structure + offset, true),
    write: (view, structure, value, name) => {
      const fits = value >= 0n && value < 1n << 64n;
      checkArgument(fits, name, `${value} does not fit in 64 bits`);
      view.setBigUint64(structure + offset, value, true);
    },
  };
}

/** Text of fixed length; each byte is one character, so that every byte comes back. */
export function text(offset: number, size: number): Field<string> {
  return {
    covers: [[offset, size]],
    read: (view, structure) => {
      const bytes = Array.from({ length: size }, (_, at) => view.getUint8(structure + offset + at));
      return String.fromCharCode(...bytes);
    },
    write: (view, structure, value, name) => {
      const codes = Array.from({ length: size }, (_, at) => value.charCodeAt(at));
      const fits = value.length === size && codes.every((code) => code < 256);
      checkArgument(fits, name, `${JSON.stringify(value)} is no text of ${size} bytes`);
      codes.forEach((code, at) => view.setUint8(structure + offset + at, code));
    },
  };
}
