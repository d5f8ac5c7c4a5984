// Values with big integers as what JSON can hold: addresses and 64-bit sizes become 0x… texts.

/** A copy in which every bigint is a hexadecimal text. */
export function jsonReady(value: unknown): unknown {
  if (typeof value === "bigint") return `0x${value.toString(16)}`;
  if (Array.isArray(value)) return value.map(jsonReady);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Map) return jsonReady(Object.fromEntries(value));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonReady(item)]));
}
