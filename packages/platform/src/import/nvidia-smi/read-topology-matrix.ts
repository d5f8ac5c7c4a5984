// The matrix of `nvidia-smi topo -m`: devices, how near each pair is, and who is near which CPUs.
import { type Diagnostic, SourceText } from "@faultline/diagnostics";
import { FILE_START, ImportProblems, type Report } from "../import-problems.ts";
import { type TextCell, type TextLine, textLines } from "../text-lines.ts";

/** The matrix. */
export interface TopologyMatrix {
  /** GPUs, then NICs, in the order of the columns. */
  readonly names: readonly string[];
  /** Row by row: X, NV4, PIX, PXB, PHB, NODE, SYS. */
  readonly cells: readonly (readonly string[])[];
  /** By GPU; null without the column. */
  readonly cpuAffinity: readonly string[] | null;
  readonly numaAffinity: readonly string[] | null;
}

const WAY = /^(?:X|NV\d+|PIX|PXB|PHB|NODE|SYS)$/;
const GPU = /^GPU\d+$/;
const CPUS = /^(?:N\/A|\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)$/;
const NODES = /^(?:N\/A|\d+(?:-\d+)?)$/;

interface Row {
  readonly name: TextCell;
  readonly ways: readonly TextCell[];
  readonly rest: readonly TextCell[];
}

/** Reads the matrix; every problem of it at once. */
export function readTopologyMatrix(
  text: string,
  file: string,
): { readonly matrix: TopologyMatrix | null; readonly diagnostics: readonly Diagnostic[] } {
  const problems = new ImportProblems(new SourceText(file, text));
  const { report } = problems;
  const lines = textLines(text);
  const at = lines.findIndex(({ cells }) => GPU.test(cells[0]?.text ?? "") && !isRow(cells));
  const header = lines[at];
  if (header === undefined) {
    const hint = "the file is what `nvidia-smi topo -m` prints";
    report(lines[0] ?? FILE_START, "E_IMPORT_FORMAT", "no line names the GPUs", { hint });
    return { matrix: null, diagnostics: problems.sorted() };
  }
  const columns = header.cells.filter(
    ({ text: name }) => !name.endsWith("Affinity") && !name.endsWith("NUMA ID"),
  );
  const names = columns.map(({ text: name }) => name);
  const rows = rowsOf(lines.slice(at + 1), names, report);
  checkShape(header, names, rows, report);
  const affinities = affinityOf(header, rows, report);
  if (!problems.hasErrors) checkSymmetry(names, rows, report);
  if (problems.hasErrors) return { matrix: null, diagnostics: problems.sorted() };
  const cells = names.map((name) =>
    (rows.find((row) => row.name.text === name)?.ways ?? []).map((way) => way.text),
  );
  return { matrix: { names, cells, ...affinities }, diagnostics: [] };
}

/** A row begins with a name and goes on with ways; the header goes on with names. */
function isRow(cells: readonly TextCell[]): boolean {
  return WAY.test(cells[1]?.text ?? "");
}

function rowsOf(lines: readonly TextLine[], names: readonly string[], report: Report): Row[] {
  const rows: Row[] = [];
  for (const { cells } of lines) {
    const [name, ...others] = cells;
    if (name === undefined || !names.includes(name.text) || !isRow(cells)) continue;
    if (rows.some((row) => row.name.text === name.text))
      report(name, "E_IMPORT_TWICE", `a second row of ${name.text}`);
    const end = others.findIndex(({ text }) => !WAY.test(text));
    const nrWays = end < 0 ? others.length : end;
    rows.push({ name, ways: others.slice(0, nrWays), rest: others.slice(nrWays) });
  }
  return rows;
}

function checkShape(
  header: TextLine,
  names: readonly string[],
  rows: readonly Row[],
  report: Report,
): void {
  const nrGpus = names.filter((name) => GPU.test(name)).length;
  for (const name of names) {
    if (!rows.some((row) => row.name.text === name))
      report(header, "E_IMPORT_COUNT", `no row of ${name}`);
  }
  for (const { name, ways } of rows) {
    if (ways.length === names.length) continue;
    const what = nrGpus === names.length ? `${nrGpus} GPUs` : `${names.length} devices`;
    report(
      name,
      "E_IMPORT_COUNT",
      `the row of ${name.text} has ${ways.length} ways, the header ${what}`,
    );
  }
}

function checkSymmetry(names: readonly string[], rows: readonly Row[], report: Report): void {
  const wayOf = (a: string, b: string): TextCell | undefined =>
    rows.find((row) => row.name.text === a)?.ways[names.indexOf(b)];
  for (const [i, a] of names.entries()) {
    if (wayOf(a, a)?.text !== "X")
      report(wayOf(a, a) ?? FILE_START, "E_IMPORT_CONTRADICTION", `${a} is not X to itself`);
    for (const b of names.slice(i + 1)) {
      const [there, back] = [wayOf(a, b), wayOf(b, a)];
      if (there === undefined || back === undefined || there.text === back.text) continue;
      report(
        back,
        "E_IMPORT_CONTRADICTION",
        `not the same both ways: ${a} to ${b} is ${there.text}, ${b} to ${a} is ${back.text}`,
      );
    }
  }
}

/** The columns behind the matrix, of the rows of GPUs. */
function affinityOf(
  header: TextLine,
  rows: readonly Row[],
  report: Report,
): Pick<TopologyMatrix, "cpuAffinity" | "numaAffinity"> {
  const behind = header.cells
    .map(({ text }) => text)
    .filter((name) => /Affinity$|NUMA ID$/.test(name));
  const column = (name: string, pattern: RegExp): string[] | null => {
    const n = behind.indexOf(name);
    if (n < 0) return null;
    return rows.flatMap(({ name: { text: row }, rest }) => {
      const cell = rest[n];
      if (!GPU.test(row) || cell === undefined) return [];
      if (!pattern.test(cell.text))
        report(cell, "E_IMPORT_VALUE", `no ${name} of ${row}: ${cell.text}`);
      return [cell.text];
    });
  };
  return {
    cpuAffinity: column("CPU Affinity", CPUS),
    numaAffinity: column("NUMA Affinity", NODES),
  };
}
