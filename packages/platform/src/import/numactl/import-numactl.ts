// A machine from `numactl -H`: nodes, their CPUs and sizes, and the distances between them.
import { type Diagnostic, SourceText } from "@faultline/diagnostics";
import { cpusAsRanges } from "../../number-ranges.ts";
import { FILE_START, ImportProblems } from "../import-problems.ts";
import { type ImportResult, refusedImport } from "../import-result.ts";
import { machineOfSketch } from "../machine-sketch.ts";
import { type TextLine, textLines } from "../text-lines.ts";

interface Node {
  cpus: readonly number[] | null;
  sizeMib: number | null;
}

/** Linux says this of a node that nobody has given a distance to. */
const UNKNOWN_DISTANCE = 255;

/** Reads the text that the tool prints. */
export function importNumactl(text: string, file: string): ImportResult {
  const reader = new Reader(text, file);
  const { nodes, distances, diagnostics } = reader.read();
  if (diagnostics.length > 0) return refusedImport(diagnostics);
  const all = [...nodes.values()];
  const withCpus = all.flatMap(({ cpus }, n) => (cpus !== null && cpus.length > 0 ? [n] : []));
  const sketch = machineOfSketch({
    title: `${all.length} NUMA nodes, as numactl shows them`,
    cpu: null,
    nodes: all.map(({ cpus, sizeMib }, n) => ({
      socket: Math.max(0, withCpus.indexOf(n)),
      memoryMib: sizeMib,
      cpus: cpusAsRanges(cpus ?? []),
    })),
    distances,
    bridges: [{ socket: 0, ports: [] }],
    devices: [],
    links: [],
    gpuMemoryBytes: undefined,
  });
  const isUnreachable = distances.flat().includes(UNKNOWN_DISTANCE);
  const assumptions = [
    ...sketch.assumptions,
    "numa: which nodes share a socket is not in the file; each node with CPUs is one",
    ...(isUnreachable ? ["numa: a distance of 255 means unreachable, or not given"] : []),
  ];
  const sizesMB = all.map(({ sizeMib }) => sizeMib);
  const memoryOnly = all.flatMap(({ cpus, sizeMib }, n) =>
    (cpus ?? []).length === 0 && (sizeMib ?? 0) > 0 ? [n] : [],
  );
  const empty = all.flatMap(({ cpus, sizeMib }, n) =>
    (cpus ?? []).length === 0 && sizeMib === 0 ? [n] : [],
  );
  const facts = {
    nodes: all.length,
    sizesMB,
    cpusPerNode: all.map(({ cpus }) => cpus?.length ?? 0),
    distance: distances,
    cpuNodes: withCpus,
    memoryOnlyNodes: memoryOnly,
    emptyNodes: empty,
  };
  return { machine: sketch.machine, assumptions, facts, diagnostics };
}

class Reader {
  private readonly problems: ImportProblems;
  private readonly lines: readonly TextLine[];
  private readonly nodes = new Map<number, Node>();
  private readonly distances: number[][] = [];
  private readonly distanceLines: TextLine[] = [];

  constructor(text: string, file: string) {
    this.problems = new ImportProblems(new SourceText(file, text));
    this.lines = textLines(text);
  }

  read(): {
    readonly nodes: ReadonlyMap<number, Node>;
    readonly distances: readonly number[][];
    readonly diagnostics: readonly Diagnostic[];
  } {
    let available: number | null = null;
    let isDistances = false;
    for (const line of this.lines) {
      const count = /^available: (\d+) nodes?/.exec(line.text)?.[1];
      if (count !== undefined) available = Number(count);
      else if (line.text.startsWith("node distances:")) isDistances = true;
      else if (isDistances) this.distanceLine(line);
      else this.nodeLine(line);
    }
    this.check(available);
    const { nodes, distances } = this;
    return { nodes, distances, diagnostics: this.problems.sorted() };
  }

  private nodeLine(line: TextLine): void {
    const match = /^node (\d+) (cpus|size|free):(.*)$/.exec(line.text);
    if (match === null) {
      if (line.text.startsWith("node "))
        this.problems.report(line, "E_IMPORT_VALUE", `not a line of numactl: ${line.text}`);
      return;
    }
    const [, number = "", what, rest = ""] = match;
    const id = Number(number);
    const node = this.nodes.get(id) ?? { cpus: null, sizeMib: null };
    this.nodes.set(id, node);
    if (what === "cpus") {
      const words = rest
        .trim()
        .split(/\s+/)
        .filter((word) => word !== "");
      const wrong = words.find((word) => !/^\d{1,4}$/.test(word));
      if (wrong !== undefined) this.problems.report(line, "E_IMPORT_VALUE", `no CPU: ${wrong}`);
      node.cpus = words.map(Number);
    } else if (what === "size") {
      const size = /^ (\d+) MB$/.exec(rest.trimEnd())?.[1];
      if (size === undefined)
        this.problems.report(line, "E_IMPORT_VALUE", `no size in MB: ${rest.trim()}`);
      node.sizeMib = Number(size ?? 0);
    }
  }

  private distanceLine(line: TextLine): void {
    const match = /^\s*(\d+):\s*((?:\d+\s*)*)$/.exec(line.text);
    if (match === null) {
      if (/^\s*\d+:/.test(line.text))
        this.problems.report(line, "E_IMPORT_VALUE", `no distances: ${line.text.trim()}`);
      return;
    }
    const row = (match[2] ?? "").trim().split(/\s+/).map(Number);
    const wrong = row.find((one) => one > UNKNOWN_DISTANCE);
    if (wrong !== undefined)
      this.problems.report(line, "E_IMPORT_VALUE", `a distance is at most 255: ${wrong}`);
    this.distances[Number(match[1])] = row;
    this.distanceLines[Number(match[1])] = line;
  }

  private check(available: number | null): void {
    const { nodes, distances } = this;
    const { report } = this.problems;
    const whole = this.lines[0] ?? FILE_START;
    const ids = [...nodes.keys()];
    if (ids.length === 0) {
      report(whole, "E_IMPORT_FORMAT", "no line is about a node", {
        hint: "the file is what `numactl -H` prints",
      });
      return;
    }
    if (available !== null && available !== ids.length) {
      report(whole, "E_IMPORT_COUNT", `${available} nodes are announced, ${ids.length} are there`);
    }
    const gap = ids.findIndex((id, n) => id !== n);
    if (gap >= 0) report(whole, "E_IMPORT_COUNT", `node ${gap} is missing, or out of order`);
    for (const [n, row] of distances.entries()) {
      if (row?.length === ids.length) continue;
      report(
        whole,
        "E_IMPORT_COUNT",
        `node ${n} has ${row?.length ?? 0} distances, there are ${ids.length} nodes`,
      );
    }
    if (distances.length !== ids.length) {
      report(whole, "E_IMPORT_COUNT", `${distances.length} rows of distances, ${ids.length} nodes`);
    }
    this.checkBothWays();
  }

  private checkBothWays(): void {
    for (const [from, row] of this.distances.entries()) {
      for (const [to, there] of (row ?? []).slice(0, from).entries()) {
        const back = this.distances[to]?.[from];
        if (back === undefined || back === there) continue;
        const message =
          `not the same both ways: from node ${from} to node ${to} it is ${there},` +
          ` from node ${to} to node ${from} ${back}`;
        const line = this.distanceLines[from] ?? FILE_START;
        this.problems.report(line, "E_IMPORT_CONTRADICTION", message);
      }
    }
  }
}
