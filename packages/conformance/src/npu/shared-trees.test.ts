// Device trees of real machines that are not part of the project, when FAULTLINE_FIXTURES names the
// folder that has them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type DeviceTree,
  type DtNode,
  nodesOf,
  type NpuWiring,
  parseDts,
  phandleOf,
  printDts,
  readDtb,
  readNpuWiring,
  writeDtb,
} from "@faultline/platform";
import { describe, expect, test } from "vitest";

const shared = process.env["FAULTLINE_FIXTURES"];

interface Facts {
  readonly model: string;
  readonly memory: readonly { node: string; base: string; bytes: number; chip: number }[];
  readonly npus: number | readonly { chip: number; index: number; links: number }[];
  readonly nvlinksPerGpu?: Readonly<Record<string, number>>;
  readonly gpuChip?: Readonly<Record<string, number>>;
  readonly phandles?: number;
  readonly memreserves?: number;
}

function treeOf(file: string): { tree: DeviceTree; wiring: NpuWiring } {
  const { tree, diagnostics } = parseDts(readFileSync(file, "utf8"), file);
  expect(diagnostics).toEqual([]);
  const wiring = tree && readNpuWiring(tree).wiring;
  if (tree === null || wiring === null) throw new Error(`${file} is refused`);
  return { tree, wiring };
}

/** Every node with its properties, as text that two readings can be compared by. */
function contents({ root }: DeviceTree): string[] {
  const text = ({ path, properties }: DtNode): string => {
    const values = [...properties.values()].map(
      ({ name, value }) => `${name} ${Buffer.from(value).toString("hex")}`,
    );
    return [path, ...values].join("; ");
  };
  return [...nodesOf(root)].map(text);
}

describe.skipIf(shared === undefined)("device trees of real machines", () => {
  const folder = join(shared ?? "", "fixtures", "devicetree");
  const names = shared === undefined ? [] : readdirSync(folder);

  test.each(names.filter((name) => name.endsWith(".dts")))("%s", (name) => {
    const { tree, wiring } = treeOf(join(folder, name));
    const text = readFileSync(join(folder, `${name}.expect.json`), "utf8");
    const { facts } = JSON.parse(text) as { facts: Facts };
    expect(wiring.model).toBe(facts.model);
    const memory = wiring.memory.map(({ path, base, sizeBytes, chip }) => {
      const node = path.slice(1);
      return { node, base: `0x${base.toString(16)}`, bytes: Number(sizeBytes), chip };
    });
    expect(memory).toEqual(facts.memory);
    const npus = wiring.npus.map(({ chip, index, links }) => ({
      chip,
      index,
      links: links.length,
    }));
    expect(npus).toEqual(facts.npus === 0 ? [] : facts.npus);
    const perGpu = wiring.gpus.map(({ name: gpu, bridges }) => [gpu, bridges.length]);
    expect(Object.fromEntries(perGpu)).toEqual(facts.nvlinksPerGpu ?? {});
    const chips = Object.fromEntries(wiring.gpus.map(({ name: gpu, chip }) => [gpu, chip]));
    expect(chips).toEqual(facts.gpuChip ?? {});
    const phandles = [...nodesOf(tree.root)].flatMap((node) => phandleOf(node) ?? []);
    if (facts.phandles !== undefined) expect(phandles).toHaveLength(facts.phandles);
    if (facts.memreserves !== undefined) expect(tree.reservations).toHaveLength(facts.memreserves);
    const printed = parseDts(printDts(tree), "printed.dts").tree;
    expect(printed && contents(printed)).toEqual(contents(tree));
  });

  test("a source gives the bytes that dtc makes of it", () => {
    const dts = join(shared ?? "", "platform", "dts");
    const sources = readdirSync(dts).filter((name) => name.endsWith(".dts"));
    for (const name of sources) {
      const { tree } = treeOf(join(dts, name));
      const bytes = new Uint8Array(readFileSync(join(dts, name.replace(/s$/, "b"))));
      const compiled = readDtb(bytes, name).tree;
      expect(compiled && contents(compiled)).toEqual(contents(tree));
      expect(writeDtb(tree)).toHaveLength(bytes.length);
    }
    expect(sources.length).toBeGreaterThan(0);
  });
});
