// The sections of `rocm-smi --showtopo`: three matrices about each pair of GPUs, then who is near
// which NUMA node.
import { type Diagnostic, SourceText } from "@faultline/diagnostics";
import { FILE_START, ImportProblems, type Report } from "../import-problems.ts";
import { type TextCell, type TextLine, textLines } from "../text-lines.ts";

/** What the sections say. */
export interface ShowTopo {
  readonly names: readonly string[];
  /** Row by row; null where the section is missing. */
  readonly weights: readonly (readonly number[])[] | null;
  readonly hops: readonly (readonly number[])[] | null;
  readonly types: readonly (readonly string[])[];
  /** By GPU; null without the section. */
  readonly nodes: readonly number[] | null;
}

const GPU = /^GPU\d+$/;
const NUMBER = /^\d+$/;
const TYPE = /^(?:0|XGMI|PCIE)$/;
const NODE_LINE = /^GPU\s*\[?(\d+)\]?\s*: \(Topology\) Numa Node: (-?\d+)\s*$/;

/** Reads the text; every problem of it at once. */
export function readShowTopo(
  text: string,
  file: string,
): { readonly topo: ShowTopo | null; readonly diagnostics: readonly Diagnostic[] } {
  const problems = new ImportProblems(new SourceText(file, text));
  const { report } = problems;
  const lines = textLines(text);
  const section = (title: string, cell: RegExp): string[][] | null =>
    readMatrix(lines, title, cell, report);
  const types = section("Link Type between two GPUs", TYPE);
  const weights = section("Weight between two GPUs", NUMBER);
  const hops = section("Hops between two GPUs", NUMBER);
  if (types === null) {
    const hint = "the file is what `rocm-smi --showtopo` prints";
    report(lines[0] ?? FILE_START, "E_IMPORT_FORMAT", "no section says what links pairs of GPUs", {
      hint,
    });
  }
  const names = (types ?? []).map((_, n) => `GPU${n}`);
  const nodes = nodesOf(lines, names.length, report);
  const numbers = (rows: string[][] | null): number[][] | null =>
    rows?.map((row) => row.map(Number)) ?? null;
  const topo = { names, types: types ?? [], weights: numbers(weights), hops: numbers(hops), nodes };
  return { topo: problems.hasErrors ? null : topo, diagnostics: problems.sorted() };
}

/** The rows below the header of a section, without their names; null where it is missing. */
function readMatrix(
  lines: readonly TextLine[],
  title: string,
  cell: RegExp,
  report: Report,
): string[][] | null {
  const at = lines.findIndex(({ text }) => text.includes(title));
  const header = lines[at + 1];
  if (at < 0 || header === undefined) return null;
  const names = header.text.trim().split(/\s+/);
  if (!names.every((name, n) => GPU.test(name) && name === `GPU${n}`)) {
    report(header, "E_IMPORT_COUNT", `no row of GPUs below: ${title}`);
    return null;
  }
  const rows = names.map((name, n) => {
    const line = lines[at + 2 + n] ?? header;
    const [first, ...cells] = wordsOf(line);
    if (first?.text !== name) report(line, "E_IMPORT_COUNT", `no row of ${name} in: ${title}`);
    else if (cells.length !== names.length) {
      report(
        line,
        "E_IMPORT_COUNT",
        `the row of ${name} has ${cells.length} cells, there are ${names.length} GPUs`,
      );
    }
    for (const one of cells)
      if (!cell.test(one.text)) report(one, "E_IMPORT_VALUE", `cannot be: ${one.text}`);
    return cells;
  });
  checkSymmetry(rows, report);
  return rows.map((row) => row.map(({ text }) => text));
}

function checkSymmetry(rows: readonly (readonly TextCell[])[], report: Report): void {
  for (const [i, row] of rows.entries()) {
    for (let k = 0; k < i; k++) {
      const [there, back] = [rows[k]?.[i], row[k]];
      if (there === undefined || back === undefined || there.text === back.text) continue;
      const pair = `GPU${k} to GPU${i} is ${there.text}, GPU${i} to GPU${k} is ${back.text}`;
      report(back, "E_IMPORT_CONTRADICTION", `not the same both ways: ${pair}`);
    }
  }
}

/** Words, since cells here may be one blank apart. */
function wordsOf({ text, start }: TextLine): TextCell[] {
  return [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => {
    return { text: word, start: start + index, end: start + index + word.length };
  });
}

function nodesOf(lines: readonly TextLine[], nrGpus: number, report: Report): number[] | null {
  const nodes = new Map<number, number>();
  for (const line of lines) {
    const [, gpu, node] = NODE_LINE.exec(line.text) ?? [];
    if (gpu === undefined || node === undefined) continue;
    if (Number(gpu) >= nrGpus)
      report(line, "E_IMPORT_REFERENCE", `a node of an unknown GPU: ${gpu}`);
    nodes.set(Number(gpu), Number(node));
  }
  if (nodes.size === 0) return null;
  return Array.from({ length: nrGpus }, (_, n) => nodes.get(n) ?? -1);
}
