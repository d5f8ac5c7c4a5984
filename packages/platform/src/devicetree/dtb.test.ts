import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type DeviceTree,
  type DtNode,
  type DtProperty,
  dtDiagnostic,
  isDtb,
  nodesOf,
  parseDts,
  printDts,
  readDtb,
  writeDtb,
} from "./index.ts";

interface Shape {
  readonly properties: readonly (readonly [string, Uint8Array])[];
  readonly children: readonly (readonly [string, Shape])[];
}

function build(name: string, { properties, children }: Shape, parent: DtNode | null): DtNode {
  const path = parent === null ? "/" : `${parent.path === "/" ? "" : parent.path}/${name}`;
  const own: DtNode[] = [];
  const values = properties.map(([key, value]): [string, DtProperty] => [
    key,
    { name: key, value, range: null },
  ]);
  const node: DtNode = {
    name,
    path,
    parent,
    labels: [],
    properties: new Map(values),
    children: own,
    range: null,
  };
  for (const [child, shape] of children) own.push(build(child, shape, node));
  return node;
}

const name = fc.string({
  unit: fc.constantFrom(...Array.from("abc19,._+*#?@-")),
  minLength: 1,
  maxLength: 6,
});
const value = fc.oneof(
  fc.uint8Array({ maxLength: 9 }),
  fc.array(fc.string({ unit: "grapheme-ascii", maxLength: 6 }), { maxLength: 3 }).map((texts) => {
    return Uint8Array.from(texts.flatMap((text) => [...Buffer.from(text), 0]));
  }),
);
function shapeOf(depth: number): fc.Arbitrary<Shape> {
  const properties = fc.uniqueArray(fc.tuple(name, value), {
    selector: ([key]) => key,
    maxLength: 4,
  });
  if (depth === 0) return properties.map((all) => ({ properties: all, children: [] }));
  const children = fc.uniqueArray(fc.tuple(name, shapeOf(depth - 1)), {
    selector: ([key]) => key,
    maxLength: 3,
  });
  return fc.record({ properties, children });
}

const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const reservation = fc.record({ address: u64, sizeBytes: fc.bigInt({ min: 1n, max: 1n << 60n }) });
const anyTree = fc
  .record({
    shape: shapeOf(3),
    reservations: fc.array(reservation, { maxLength: 3 }),
    bootCpu: fc.nat(),
  })
  .map(({ shape: root, ...rest }): DeviceTree => {
    return { file: "any", source: null, root: build("", root, null), ...rest };
  });

/** Everything that a tree says, apart from places. */
function contents({ root, reservations }: DeviceTree): unknown {
  const nodes = [...nodesOf(root)].map(({ path, properties }) => [
    path,
    [...properties.values()].map(({ name: key, value: bytes }) => [
      key,
      Buffer.from(bytes).toString("hex"),
    ]),
  ]);
  return { nodes, reservations };
}

/** Phandles must be sound in source, while a blob can hold anything under that name. */
const hasPhandle = ({ root }: DeviceTree): boolean =>
  [...nodesOf(root)].some(({ properties }) => properties.has("phandle"));

describe("round trips", () => {
  test("printed source reads as the same tree", () => {
    fc.assert(
      fc.property(
        anyTree.filter((tree) => !hasPhandle(tree)),
        (tree) => {
          const { tree: again, diagnostics } = parseDts(printDts(tree), "again.dts");
          expect(diagnostics).toEqual([]);
          expect(again && contents(again)).toEqual(contents(tree));
        },
      ),
    );
  });

  test("a written blob reads as the same tree", () => {
    fc.assert(
      fc.property(anyTree, (tree) => {
        const bytes = writeDtb(tree);
        expect(isDtb(bytes)).toBe(true);
        const { tree: again, diagnostics } = readDtb(bytes, "again.dtb");
        expect(diagnostics).toEqual([]);
        expect(again && contents(again)).toEqual(contents(tree));
        expect(again?.bootCpu).toBe(tree.bootCpu);
      }),
    );
  });
});

describe("malformed input gives diagnostics, never more", () => {
  const problem = /^byte 0x[0-9a-f]+: /;

  test("a blob that is cut off", () => {
    fc.assert(
      fc.property(anyTree, fc.nat(), (tree, at) => {
        const bytes = writeDtb(tree);
        const { tree: none, diagnostics } = readDtb(bytes.subarray(0, at % bytes.length), "cut");
        expect(none).toBeNull();
        expect(diagnostics).toMatchObject([{ code: "E_DEVICETREE_BLOB" }]);
        expect(diagnostics[0]?.message).toMatch(problem);
      }),
    );
  });

  test("a blob with bytes changed reads, or says where it stopped", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(anyTree, changes, (tree, all) => {
        const bytes = writeDtb(tree);
        for (const [at, byte] of all) bytes[at % bytes.length] = byte;
        const { tree: read, diagnostics } = readDtb(bytes, "garbled");
        expect(read === null).toBe(diagnostics.length === 1);
        if (read !== null) expect([...nodesOf(read.root)].length).toBeGreaterThan(0);
      }),
    );
  });

  test("any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const withMagic = Uint8Array.from([0xd0, 0x0d, 0xfe, 0xed, ...bytes]);
        expect(readDtb(withMagic, "any").diagnostics).toHaveLength(1);
        expect(readDtb(bytes, "any").tree).toBeNull();
      }),
    );
  });

  test("source that is cut off or garbled", () => {
    const text = `/dts-v1/; /memreserve/ 1 2; / { #a = <1 &{/b} (1 + 2)>, "te\\"xt"; l: b { c; }; };
&l { /delete-property/ c; d = [00 11], &l; e = /bits/ 16 <1>; };`;
    const junk = fc.constantFrom(
      ...Array.from("{}<>[]();&/\\\"'=:,*#\n\0é"),
      "/*",
      "//",
      "/bits/",
      "&{",
    );
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(3), junk), { maxLength: 5 });
    fc.assert(
      fc.property(fc.nat(text.length), edits, (end, all) => {
        let edited = text.slice(0, end);
        for (const [at, length, piece] of all) {
          const from = at % (edited.length + 1);
          edited = edited.slice(0, from) + piece + edited.slice(from + length);
        }
        const { tree, diagnostics } = parseDts(edited, "garbled.dts");
        const nrErrors = diagnostics.filter(({ severity }) => severity === "error").length;
        expect(tree === null).toBe(nrErrors > 0);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["an old version", 20, 3, "version 3"],
    ["a structure outside", 8, 0xfffffff0, "the structure block is not inside"],
    ["strings outside", 12, 0xfffffff0, "the strings are not inside"],
    ["reservations without an end", 16, 0xfffffff0, "the list of reservations has no end"],
    ["another token", 56, 77, "unknown token: 77"],
    ["no root", 56, 9, "no root node"],
    ["a larger size", 4, 0x10000, "the blob has 65536 bytes"],
  ])("%s", (_what, at, word, message) => {
    const tree = parseDts("/dts-v1/; / { a { x = <1>; }; };", "t").tree;
    if (tree === null) throw new Error("broken test");
    const bytes = writeDtb(tree);
    new DataView(bytes.buffer).setUint32(at, word);
    expect(readDtb(bytes, "t.dtb").diagnostics[0]?.message).toContain(message);
  });
});

test("a diagnostic about a blob says the path, one about source its place", () => {
  const { tree } = parseDts("/dts-v1/;\n/ { a { x = <1>; }; };", "t.dts");
  if (tree === null) throw new Error("broken test");
  const about = (of: DeviceTree): object => {
    const [, node = of.root] = nodesOf(of.root);
    return dtDiagnostic({ tree: of, node, property: "x" }, "E_NPU_WIRING", "odd");
  };
  expect(about(tree)).toMatchObject({ file: "t.dts", line: 2, column: 9, message: "odd" });
  const blob = readDtb(writeDtb(tree), "t.dtb").tree ?? tree;
  expect(about(blob)).toMatchObject({ file: "t.dtb", line: 0, message: "/a: x: odd" });
});
