// A tree as a blob of format version 17, which kernels and dtc read.
import type { DeviceTree, DtNode } from "./device-tree.ts";
import { FDT_HEADER_BYTES, FDT_MAGIC, FDT_TOKENS } from "./read-dtb.ts";

const VERSION = 17;
const OLDEST_COMPATIBLE = 16;

/** Names of properties, each once. */
interface Strings {
  readonly offsets: Map<string, number>;
  readonly bytes: number[];
}

/** The bytes of a tree: header, reservations, structure, strings. */
export function writeDtb({ root, reservations, bootCpu }: DeviceTree): Uint8Array {
  const strings: Strings = { offsets: new Map(), bytes: [] };
  const structure: number[] = [];
  writeNode(structure, strings, root);
  pushCell(structure, FDT_TOKENS.end);
  const reserved = [...reservations, { address: 0n, sizeBytes: 0n }].flatMap(
    ({ address, sizeBytes }) => [...doubleCell(address), ...doubleCell(sizeBytes)],
  );
  const structureAt = FDT_HEADER_BYTES + reserved.length;
  const stringsAt = structureAt + structure.length;
  const header: number[] = [];
  for (const word of [
    FDT_MAGIC,
    stringsAt + strings.bytes.length,
    structureAt,
    stringsAt,
    FDT_HEADER_BYTES,
    VERSION,
    OLDEST_COMPATIBLE,
    bootCpu,
    strings.bytes.length,
    structure.length,
  ]) {
    pushCell(header, word);
  }
  return Uint8Array.from([header, reserved, structure, strings.bytes].flat());
}

function writeNode(out: number[], strings: Strings, node: DtNode): void {
  pushCell(out, FDT_TOKENS.beginNode);
  pushText(out, node.name);
  pad(out);
  for (const { name, value } of node.properties.values()) {
    pushCell(out, FDT_TOKENS.property);
    pushCell(out, value.length);
    pushCell(out, stringOffset(strings, name));
    for (const byte of value) out.push(byte);
    pad(out);
  }
  for (const child of node.children) writeNode(out, strings, child);
  pushCell(out, FDT_TOKENS.endNode);
}

function stringOffset({ offsets, bytes }: Strings, name: string): number {
  const known = offsets.get(name);
  if (known !== undefined) return known;
  const offset = bytes.length;
  offsets.set(name, offset);
  pushText(bytes, name);
  return offset;
}

function pushText(out: number[], text: string): void {
  for (const character of text) out.push(character.charCodeAt(0) & 0xff);
  out.push(0);
}

function pushCell(out: number[], value: number): void {
  out.push((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

function doubleCell(value: bigint): number[] {
  return Array.from({ length: 8 }, (_, at) => Number((value >> BigInt(8 * (7 - at))) & 0xffn));
}

function pad(out: number[]): void {
  while (out.length % 4 !== 0) out.push(0);
}
