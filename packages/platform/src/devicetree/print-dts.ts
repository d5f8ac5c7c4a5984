// A tree as source that dtc reads, and parseDts() reads back to the same bytes.
import { type DeviceTree, type DtNode, type DtProperty, MAX_DEPTH } from "./device-tree.ts";
import { textsIn } from "./dt-value.ts";

/** The text of a tree: values that look like text as text, others as cells or bytes. */
export function printDts({ root, reservations }: DeviceTree): string {
  const reserved = reservations.map(
    ({ address, sizeBytes }) => `/memreserve/ ${hex(address)} ${hex(sizeBytes)};\n`,
  );
  return `/dts-v1/;\n\n${reserved.join("")}${printNode(root, 0)}`;
}

function printNode(node: DtNode, depth: number): string {
  const indent = "\t".repeat(Math.min(depth, MAX_DEPTH));
  const labels = node.labels.map((label) => `${label}: `).join("");
  const properties = [...node.properties.values()].map(
    (property) => `${indent}\t${printProperty(property)}\n`,
  );
  const children = node.children.map((child) => printNode(child, depth + 1));
  const blocks = [properties.join(""), ...children].filter((block) => block !== "");
  const name = node.parent === null ? "/" : node.name;
  return `${indent}${labels}${name} {\n${blocks.join("\n")}${indent}};\n`;
}

function printProperty(property: DtProperty): string {
  const { name, value } = property;
  if (value.length === 0) return `${name};`;
  return `${name} = ${printTexts(property) ?? printCells(value) ?? printBytes(value)};`;
}

/** Printable texts, none of them empty; null for everything else. */
function printTexts(property: DtProperty): string | null {
  const texts = textsIn(property);
  if (texts === null || texts.some((text) => !/^[ -~\n\t]+$/.test(text))) return null;
  return texts.map(quote).join(", ");
}

function quote(text: string): string {
  const escaped = text
    .replaceAll(/["\\]/g, String.raw`\$&`)
    .replaceAll("\n", String.raw`\n`)
    .replaceAll("\t", String.raw`\t`);
  return `"${escaped}"`;
}

function printCells(value: Uint8Array): string | null {
  if (value.length % 4 !== 0) return null;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const cells = Array.from({ length: value.length / 4 }, (_, at) => hex(view.getUint32(at * 4)));
  return `<${cells.join(" ")}>`;
}

function printBytes(value: Uint8Array): string {
  return `[${Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join(" ")}]`;
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
