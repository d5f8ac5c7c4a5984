// What the bytes of properties mean: cells, texts, addresses. A property that does not have the
// asked form gives null.
import type { PciAddress } from "@faultline/core";
import type { DtNode, DtProperty } from "./device-tree.ts";

const CELL_BYTES = 4;

/** The 32-bit cells of a property; null when it is missing or no whole number of cells. */
export function cellsOf(node: DtNode, name: string): number[] | null {
  const value = node.properties.get(name)?.value;
  if (value === undefined || value.length % CELL_BYTES !== 0) return null;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  return Array.from({ length: value.length / CELL_BYTES }, (_, at) =>
    view.getUint32(at * CELL_BYTES),
  );
}

/** The one cell of a property; null when it has another length. */
export function cellOf(node: DtNode, name: string): number | null {
  const cells = cellsOf(node, name);
  return cells?.length === 1 ? (cells[0] ?? null) : null;
}

/** Cells `[at, at + count)` as one number, the first the most significant. */
export function joinCells(cells: readonly number[], at: number, count: number): bigint {
  return cells.slice(at, at + count).reduce((sum, cell) => (sum << 32n) | BigInt(cell), 0n);
}

/** A property as 64-bit numbers; null when it is missing or no whole number of them. */
export function doubleCellsOf(node: DtNode, name: string): bigint[] | null {
  const cells = cellsOf(node, name);
  if (cells === null || cells.length % 2 !== 0) return null;
  return Array.from({ length: cells.length / 2 }, (_, at) => joinCells(cells, at * 2, 2));
}

/** The texts of a property; null when it is missing or does not end with a zero byte. */
export function textsOf(node: DtNode, name: string): string[] | null {
  const property = node.properties.get(name);
  return property === undefined ? null : textsIn(property);
}

/** The texts of a property's value; null when it holds none. */
export function textsIn({ value }: DtProperty): string[] | null {
  if (value.length === 0 || value.at(-1) !== 0) return null;
  return String.fromCharCode(...value.subarray(0, -1)).split("\0");
}

/** The first text of a property, or null. */
export function textOf(node: DtNode, name: string): string | null {
  return textsOf(node, name)?.[0] ?? null;
}

/** Whether `compatible` has a word. */
export function isCompatible(node: DtNode, word: string): boolean {
  return textsOf(node, "compatible")?.includes(word) ?? false;
}

/** One entry of `reg`. */
export interface DtRegister {
  readonly address: bigint;
  readonly sizeBytes: bigint;
}

/** The entries of `reg`, by the cell counts of the node above; null when it does not fit them. */
export function registersOf(node: DtNode): DtRegister[] | null {
  const cells = cellsOf(node, "reg");
  const { parent } = node;
  if (cells === null || parent === null) return null;
  const nrAddress = cellOf(parent, "#address-cells") ?? 2;
  const nrSize = cellOf(parent, "#size-cells") ?? 1;
  const width = nrAddress + nrSize;
  if (width === 0 || cells.length % width !== 0) return null;
  return Array.from({ length: cells.length / width }, (_, at) => ({
    address: joinCells(cells, at * width, nrAddress),
    sizeBytes: joinCells(cells, at * width + nrAddress, nrSize),
  }));
}

/** A node's own phandle, or null. */
export function phandleOf(node: DtNode): number | null {
  return cellOf(node, "phandle") ?? cellOf(node, "linux,phandle");
}

/** The PCI address of a function in a domain, from the first cell of its `reg`; 00:00.0 without. */
export function pciAddressOf(node: DtNode, domain: number): PciAddress {
  const cell = cellsOf(node, "reg")?.[0] ?? 0;
  return { domain, bus: (cell >>> 16) & 0xff, devfn: (cell >>> 8) & 0xff };
}
