// A device tree blob (format version 16 or 17) → tree. Every offset and length is checked against
// the blob; a broken one gives a diagnostic that names the byte.
import { diagnosticFor } from "@faultline/diagnostics";
import {
  type DeviceTree,
  type DtNode,
  type DtProperty,
  type DtReservation,
  MAX_DEPTH,
} from "./device-tree.ts";
import type { LoadedDeviceTree } from "./parse-dts.ts";

/** The first four bytes of a blob. */
export const FDT_MAGIC = 0xd00dfeed;
/** Size of the header of version 17. */
export const FDT_HEADER_BYTES = 40;
/** Tokens of the structure block. */
export const FDT_TOKENS = { beginNode: 1, endNode: 2, property: 3, nop: 4, end: 9 } as const;

/** The blob being read; `problem` is its first, after which nothing more is read. */
interface Blob {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  problem: string | null;
}

/** Where the parts of a blob are. */
interface Header {
  readonly structure: number;
  readonly structureEnd: number;
  readonly strings: number;
  readonly stringsEnd: number;
  readonly reservations: number;
  readonly totalSize: number;
  readonly bootCpu: number;
}

/** Whether bytes begin as a blob does. */
export function isDtb(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && viewOf(bytes).getUint32(0) === FDT_MAGIC;
}

/** Reads a blob; a tree unless it is broken. */
export function readDtb(bytes: Uint8Array, fileName: string): LoadedDeviceTree {
  const blob: Blob = { bytes, view: viewOf(bytes), problem: null };
  const tree = readTree(blob, fileName);
  if (tree !== null && blob.problem === null) return { tree, diagnostics: [] };
  const message = blob.problem ?? "no device tree blob";
  return { tree: null, diagnostics: [diagnosticFor(fileName, "E_DEVICETREE_BLOB", message)] };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function fail(blob: Blob, at: number, message: string): null {
  blob.problem ??= `byte 0x${at.toString(16)}: ${message}`;
  return null;
}

function readTree(blob: Blob, file: string): DeviceTree | null {
  const header = readHeader(blob);
  if (header === null) return null;
  const reservations = readReservations(blob, header);
  const root = reservations === null ? null : readStructure(blob, header);
  if (root === null || reservations === null) return null;
  return { file, source: null, root, reservations, bootCpu: header.bootCpu };
}

function readHeader(blob: Blob): Header | null {
  const { bytes, view } = blob;
  if (!isDtb(bytes)) return fail(blob, 0, "no device tree blob: it begins with d0 0d fe ed");
  if (bytes.length < FDT_HEADER_BYTES) return fail(blob, bytes.length, "the header is cut off");
  const word = (index: number): number => view.getUint32(index * 4);
  const totalSize = word(1);
  if (totalSize > bytes.length) {
    return fail(blob, 4, `the blob has ${totalSize} bytes, the file ${bytes.length}`);
  }
  const [version, oldest] = [word(5), word(6)];
  if (version < 16 || oldest > 17) {
    return fail(blob, 20, `version ${version} (compatible with ${oldest}): 16 and 17 are read`);
  }
  const structure = word(2);
  const structureBytes = version >= 17 ? word(9) : totalSize - structure;
  const header: Header = {
    structure,
    structureEnd: structure + structureBytes,
    strings: word(3),
    stringsEnd: word(3) + word(8),
    reservations: word(4),
    totalSize,
    bootCpu: word(7),
  };
  if (structure % 4 !== 0 || structureBytes < 0 || header.structureEnd > totalSize) {
    return fail(blob, 8, "the structure block is not inside the blob");
  }
  if (header.stringsEnd > totalSize) return fail(blob, 12, "the strings are not inside the blob");
  return header;
}

function readReservations(blob: Blob, { reservations, totalSize }: Header): DtReservation[] | null {
  const found: DtReservation[] = [];
  for (let at = reservations; at + 16 <= totalSize; at += 16) {
    const address = blob.view.getBigUint64(at);
    const sizeBytes = blob.view.getBigUint64(at + 8);
    if (address === 0n && sizeBytes === 0n) return found;
    found.push({ address, sizeBytes });
  }
  return fail(blob, reservations, "the list of reservations has no end");
}

/** A node while its children are read. */
interface OpenBlobNode extends DtNode {
  readonly properties: Map<string, DtProperty>;
  readonly children: DtNode[];
}

function readStructure(blob: Blob, header: Header): DtNode | null {
  const { view } = blob;
  const open: OpenBlobNode[] = [];
  let root: OpenBlobNode | null = null;
  for (let at = header.structure; at + 4 <= header.structureEnd; ) {
    const token = view.getUint32(at);
    if (token === FDT_TOKENS.nop) {
      at += 4;
    } else if (token === FDT_TOKENS.beginNode) {
      if (root !== null && open.length === 0) return fail(blob, at, "a second root node");
      const node = readNode(blob, header, at + 4, open);
      if (node === null) return null;
      root ??= node;
      open.push(node);
      at = align(at + 4 + node.name.length + 1);
    } else if (token === FDT_TOKENS.property) {
      const next = readProperty(blob, header, at + 4, open.at(-1));
      if (next === null) return null;
      at = next;
    } else if (token === FDT_TOKENS.endNode) {
      if (open.pop() === undefined) return fail(blob, at, "an end of a node that none has");
      at += 4;
    } else if (token === FDT_TOKENS.end) {
      if (root !== null && open.length === 0) return root;
      return fail(blob, at, root === null ? "no root node" : "the end, inside of a node");
    } else {
      return fail(blob, at, `unknown token: ${token}`);
    }
  }
  return fail(blob, header.structureEnd, "the structure block has no end");
}

function readNode(
  blob: Blob,
  { structureEnd }: Header,
  at: number,
  open: readonly OpenBlobNode[],
): OpenBlobNode | null {
  const name = readName(blob, at, structureEnd);
  if (name === null) return null;
  const parent = open.at(-1) ?? null;
  if (parent !== null && !/^[A-Za-z0-9,._+*#?@-]+$/.test(name)) {
    return fail(blob, at, `no name of a node: ${JSON.stringify(name)}`);
  }
  if (parent === null && name !== "") return fail(blob, at, "the root node has a name");
  if (open.length >= MAX_DEPTH) return fail(blob, at, `nodes nest at most ${MAX_DEPTH} deep`);
  if (parent?.children.some((child) => child.name === name)) {
    return fail(blob, at, `node written twice: ${name}`);
  }
  const path = parent === null ? "/" : `${parent.path === "/" ? "" : parent.path}/${name}`;
  const node = { name, path, parent, labels: [], properties: new Map(), children: [], range: null };
  parent?.children.push(node);
  return node;
}

/** Reads a property after its token; the offset behind it. */
function readProperty(
  blob: Blob,
  { structureEnd, strings, stringsEnd }: Header,
  at: number,
  node: OpenBlobNode | undefined,
): number | null {
  if (node === undefined) return fail(blob, at, "a property outside of every node");
  if (at + 8 > structureEnd) return fail(blob, at, "the property is cut off");
  const length = blob.view.getUint32(at);
  const nameAt = strings + blob.view.getUint32(at + 4);
  const end = at + 8 + length;
  if (end > structureEnd) return fail(blob, at, `a value of ${length} bytes is cut off`);
  if (nameAt >= stringsEnd) return fail(blob, at + 4, "the name is not inside the strings");
  const name = readName(blob, nameAt, stringsEnd);
  if (name === null) return null;
  if (!/^[A-Za-z0-9,._+*#?@-]+$/.test(name)) {
    return fail(blob, nameAt, `no name of a property: ${JSON.stringify(name)}`);
  }
  if (node.properties.has(name)) return fail(blob, at, `property written twice: ${name}`);
  node.properties.set(name, { name, value: blob.bytes.slice(at + 8, end), range: null });
  return align(end);
}

function readName(blob: Blob, at: number, limit: number): string | null {
  const end = blob.bytes.indexOf(0, at);
  if (end === -1 || end >= limit) return fail(blob, at, "the name has no end");
  return Array.from(blob.bytes.subarray(at, end), (byte) => String.fromCharCode(byte)).join("");
}

function align(at: number): number {
  return (at + 3) & ~3;
}
