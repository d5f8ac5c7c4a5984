import { describe, expect, test } from "vitest";
import { cellsOf, type DtNode, nodesOf, parseDts, printDts, textsOf } from "./index.ts";

function read(body: string): DtNode {
  const { tree, diagnostics } = parseDts(`/dts-v1/;\n${body}`, "t.dts");
  if (tree === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return tree.root;
}

function at(root: DtNode, path: string): DtNode {
  const node = [...nodesOf(root)].find((one) => one.path === path);
  if (node === undefined) throw new Error(`no node ${path}`);
  return node;
}

function hex(body: string): string {
  const value = read(`/ { x = ${body}; };`).properties.get("x")?.value ?? new Uint8Array();
  return Buffer.from(value).toString("hex");
}

function problems(text: string): string[] {
  return parseDts(text, "t.dts").diagnostics.map(
    ({ line, column, code, message }) =>
      `${line}:${column} ${code.replace("E_DEVICETREE_", "")} ${message}`,
  );
}

describe("values", () => {
  test.each([
    ['"ab"', "616200"],
    ['"a", "b"', "61006200"],
    [String.raw`"\t\"\\\x41\101\n"`, "09225c41410a00"],
    ['"µ€"', "c2b5e282ac00"],
    ["<1 0x10 010>", "000000010000001000000008"],
    ["<1>, <2>", "0000000100000002"],
    ["<>", ""],
    ["<'a' '\\n'>", "000000610000000a"],
    ["[00 ff1234]", "00ff1234"],
    ["/bits/ 8 <1 0xff>", "01ff"],
    ["/bits/ 16 <0x1234>", "1234"],
    ["/bits/ 64 <0x123456789abcdef0>", "123456789abcdef0"],
    ["<(-1)>", "ffffffff"],
    ["<0xffffffffffffffff>", "ffffffff"],
    ["<10UL>", "0000000a"],
    ['<1>, "a", [02], l1: <l2: 3 l3:>', "0000000161000200000003"],
  ])("%s is %s", (body, bytes) => {
    expect(hex(body)).toBe(bytes);
  });

  test.each([
    ["(1 + 2 * 3)", 7],
    ["((1 + 2) * 3)", 9],
    ["(1 << 4 | 3)", 19],
    ["(~0 & 0xff)", 255],
    ["(7 / 2 + 7 % 2)", 4],
    ["(1 < 2 && 2 >= 2 || 0)", 1],
    ["(1 == 1 ? 5 : 6)", 5],
    ["(0 ? 5 : 1 ? 7 : 8)", 7],
    ["(!0 + !5)", 1],
    ["(10 - 2 - 3)", 5],
    ["(6 ^ 3)", 5],
    ["(1 != 2)", 1],
    ["(1 << 70)", 0],
    ["(0x80 >> 3)", 16],
  ])("%s is %d, as in C", (expression, value) => {
    expect(cellsOf(read(`/ { x = <${expression}>; };`), "x")).toEqual([value]);
  });
});

describe("nodes", () => {
  test("may be written in several places, by label or by path, and deleted", () => {
    const root = read(`
/ { one: a@1 { x = <1>; y; sub { }; }; gone: b { }; };
&one { x = <2>; /delete-property/ y; new { }; };
&{/a@1/sub} { z; };
/ { a@1 { /delete-node/ new; }; c { }; };
/delete-node/ &gone;`);
    expect([...nodesOf(root)].map(({ path }) => path)).toEqual(["/", "/a@1", "/a@1/sub", "/c"]);
    expect(cellsOf(at(root, "/a@1"), "x")).toEqual([2]);
    expect([...at(root, "/a@1").properties.keys()]).toEqual(["x"]);
    expect(at(root, "/a@1").labels).toEqual(["one"]);
  });

  test("that are referred to get the lowest unused phandles", () => {
    const root = read(`
/ {
  first: a { phandle = <1>; };
  second: b { };
  third: c { x = <&third &first>, "t", <&second>; path = &second; by-path = <&{/b}>; };
};`);
    expect(cellsOf(at(root, "/c"), "phandle")).toEqual([2]);
    expect(cellsOf(at(root, "/b"), "phandle")).toEqual([3]);
    expect(Buffer.from(at(root, "/c").properties.get("x")?.value ?? []).toString("hex")).toBe(
      "0000000200000001740000000003",
    );
    expect(textsOf(at(root, "/c"), "path")).toEqual(["/b"]);
    expect(cellsOf(at(root, "/c"), "by-path")).toEqual([3]);
  });

  test("are left out when nobody refers to them and the source says so", () => {
    const root = read(`
/ { /omit-if-no-ref/ a: a { }; /omit-if-no-ref/ b: b { }; c: c { x = <&b>; }; };
/omit-if-no-ref/ &c;`);
    expect(root.children.map(({ name }) => name)).toEqual(["b"]);
  });

  test("comments, line markers and reservations are understood", () => {
    const text = [
      '# 1 "a.dts"',
      "/dts-v1/; // one",
      "/* two */ /memreserve/ 0x10 (1 << 12);",
      "/ { #address-cells = <1>; 64-bit; };",
    ].join("\n");
    const { tree, diagnostics } = parseDts(text, "t.dts");
    expect(diagnostics).toEqual([]);
    expect(tree?.reservations).toEqual([{ address: 16n, sizeBytes: 4096n }]);
    expect([...(tree?.root.properties.keys() ?? [])]).toEqual(["#address-cells", "64-bit"]);
  });
});

describe("mistakes", () => {
  test("are all reported at once, each at its place", () => {
    const text = `/dts-v1/;
/ {
  a = <1 zwei>;
  b = "open;
  c = <0x100000000>;
  d = <&nobody>;
  e { x; x; };
  e { };
  f = [1];
  !
};
&nobody { };
stray;`;
    expect(problems(text)).toEqual([
      "3:10 SYNTAX no number: `zwei`",
      "4:7 SYNTAX the text is not closed",
      "5:8 SYNTAX more than 32 bits: 0x100000000",
      "6:8 REFERENCE unknown node: &nobody",
      "7:10 SYNTAX property written twice: x",
      "8:3 SYNTAX node written twice: e",
      "9:8 SYNTAX no byte: `1`",
      "10:3 SYNTAX no property or node: `!`",
      "12:1 SYNTAX unknown node: &nobody",
      "13:1 SYNTAX no node: `stray`",
    ]);
  });

  test.each([
    ["/ { };", "1:1 SYNTAX no version"],
    ["/dts-v1/; / { a { };", "1:21 SYNTAX the node is not closed: /"],
    ["/dts-v1/; / { } ", "1:17 SYNTAX expected `;`, found the end of the file"],
    ["/dts-v1/; /* ", "1:11 SYNTAX the comment is not closed"],
    ['/dts-v1/; /include/ "x";', "1:21 SYNTAX other files are not read: /include/"],
    ["/dts-v1/; /plugin/; / { };", "1:19 SYNTAX overlays are not read: /plugin/"],
    ["/dts-v1/;", "1:10 SYNTAX there is no root node"],
    ["/dts-v1/; / { x = <(1 / 0)>; };", "1:23 SYNTAX division by zero"],
    ["/dts-v1/; / { a: b { }; a: c { }; };", "1:25 SYNTAX label used twice: a"],
    ["/dts-v1/; / { x = /bits/ 7 <1>; };", "1:26 SYNTAX elements have 8, 16, 32 or 64 bits"],
    ["/dts-v1/; / { a: a { phandle = <0>; }; };", "1:22 REFERENCE a phandle is one cell"],
    ["/dts-v1/; / { a { phandle = <5>; }; b { phandle = <5>; }; };", "1:41 REFERENCE phandle used"],
  ])("%s", (text, problem) => {
    expect(problems(text).join("\n")).toContain(problem);
  });

  test("a source for the C preprocessor gets told so", () => {
    const hints = (text: string): (string | undefined)[] =>
      parseDts(text, "t.dts").diagnostics.map(({ hint }) => hint);
    expect(hints('/dts-v1/;\n#include "x.h"\n/ { };')[0]).toContain("`cpp -P file.dts`");
    expect(hints("/dts-v1/; / { x = <GPIO_HIGH>; };")[0]).toContain("`cpp -P file.dts`");
  });

  test("deep nesting is refused, not followed", () => {
    const nodes = `/dts-v1/; / { ${"a { ".repeat(50_000)}${"}; ".repeat(50_000)} };`;
    expect(problems(nodes)[0]).toContain("nodes nest at most 64 deep");
    for (const deep of ["(", "-", "1 ? 1 : ", "1 ? "]) {
      const text = `/dts-v1/; / { x = <(${deep.repeat(50_000)}1)>; };`;
      expect(problems(text).join()).toContain("expressions nest at most 64 deep");
    }
  });
});

test("what is printed reads as what it was", () => {
  const text = `/dts-v1/;

/memreserve/ 0x1000 0x20;
/ {
	model = "a \\"quoted\\" one";
	names = "a", "b";

	one: node@1 {
		flag;
		cells = <0x1 0xffffffff>;
		bytes = [01 02 03];
	};
};
`;
  const { tree } = parseDts(text, "t.dts");
  expect(tree && printDts(tree)).toBe(text);
});
