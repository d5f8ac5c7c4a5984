// A machine from `rocm-smi --showtopo`.
import { connectedSets, directLinkGroups, type LinkedPair } from "../direct-link-groups.ts";
import { type ImportOptions, type ImportResult, refusedImport } from "../import-result.ts";
import { machineOfSketch } from "../machine-sketch.ts";
import { readShowTopo, type ShowTopo } from "./read-showtopo.ts";

/** Reads the text that the tool prints. */
export function importRocmSmi(
  text: string,
  file: string,
  options: ImportOptions = {},
): ImportResult {
  const { topo, diagnostics } = readShowTopo(text, file);
  if (topo === null) return refusedImport(diagnostics);
  const { names, nodes } = topo;
  const linked = pairsOf(topo).filter(([a, b]) => cell(topo.types, a, b) === "XGMI");
  const pairs = linked.map(([a, b]): LinkedPair => [`GPU${a}`, `GPU${b}`]);
  const hives = connectedSets(names, pairs);
  const nrNodes = Math.max(0, ...(nodes ?? [])) + 1;
  const sketch = machineOfSketch({
    title: `${names.length} GPUs, as rocm-smi shows them`,
    cpu: { vendor: "AuthenticAMD", family: 0x19 },
    nodes: Array.from({ length: nrNodes }, (_, socket) => ({
      socket,
      memoryMib: null,
      cpus: [socket],
    })),
    bridges: Array.from({ length: nrNodes }, (_, socket) => ({
      socket,
      ports: names.flatMap((name, n) => {
        return Math.max(0, nodes?.[n] ?? 0) === socket ? [{ devices: [name] }] : [];
      }),
    })),
    devices: names.map((name) => {
      const hive = hives.findIndex((set) => set.includes(name));
      const base = { name, kind: "gpu" as const, id: "1002:0000" };
      return hive < 0 ? base : { ...base, hive: `hive${hive}` };
    }),
    links: pairs.length === 0 ? [] : [{ kind: "xgmi", width: 1, pairs }],
    gpuMemoryBytes: options.gpuMemoryBytes,
  });
  const assumptions = [
    ...sketch.assumptions,
    "cpu: the file does not say; AuthenticAMD, family 25",
    nodes === null
      ? "numa: the file has no nodes; everything is on one"
      : "numa: CPU numbers are not in the file; one CPU for each node",
    ...(pairs.length > 0 ? ["fabric: the file has no number of links; one for each pair"] : []),
  ];
  return { machine: sketch.machine, assumptions, facts: factsOf(topo, pairs, hives), diagnostics };
}

function pairsOf({ names }: ShowTopo): [number, number][] {
  return names.flatMap((_, a) =>
    names.slice(a + 1).map((__, k): [number, number] => [a, a + 1 + k]),
  );
}

function cell<T>(rows: readonly (readonly T[])[], a: number, b: number): T | undefined {
  return rows[a]?.[b];
}

function factsOf(
  topo: ShowTopo,
  pairs: readonly LinkedPair[],
  hives: readonly (readonly string[])[],
): Record<string, unknown> {
  const all = pairsOf(topo);
  /** What every pair has; a list where pairs differ. */
  const common = <T>(rows: readonly (readonly T[])[] | null): unknown => {
    if (rows === null) return null;
    const values = [...new Set(all.map(([a, b]) => cell(rows, a, b)))];
    return values.length === 1 ? values[0] : values;
  };
  return {
    gpuCount: topo.names.length,
    pairs: all.length,
    linkType: common(topo.types),
    weight: common(topo.weights),
    hops: common(topo.hops),
    numaNode: topo.nodes,
    xgmiPairs: pairs.length,
    hives,
    directLinkGreedyGroups: { order: "GPU index", ...directLinkGroups(topo.names, pairs) },
  };
}
