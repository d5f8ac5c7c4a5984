import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCase, parseOp } from "./parse-case.ts";
import { formatOp, OPERATION_TABLE } from "./operation-table.ts";

const good = {
  id: "a",
  cat: "single",
  seed: 1,
  boot: "std",
  W: 8,
  numa: 0,
  thp: 1,
  ops: [
    ["mmap", 0, 0, 8, "rw", "p"],
    ["nscan", 0],
    ["nscan", 0, 2],
    ["mbind", 1, 0, 4, -1, 2],
  ],
};

function problemsOf(json: unknown): string[] {
  const problems: string[] = [];
  parseCase(json, (message, severity = "error") => problems.push(`${severity}: ${message}`));
  return problems;
}

describe("parseCase", () => {
  it("names the arguments and fills in defaults", () => {
    expect(parseCase(good, () => expect.fail())).toEqual({
      id: "a",
      category: "single",
      seed: 1,
      boot: "std",
      windowPages: 8,
      numa: false,
      thp: true,
      options: 0,
      ops: [
        { name: "mmap", process: 0, start: 0, len: 8, prot: "rw", share: "p" },
        { name: "nscan", process: 0, advances: 3 },
        { name: "nscan", process: 0, advances: 2 },
        { name: "mbind", process: 1, start: 0, len: 4, node: -1, flags: 2 },
      ],
    });
  });

  it("reports every problem at once", () => {
    const bad = {
      ...good,
      id: "",
      boot: "xyz",
      W: 0,
      thp: 2,
      comment: "?",
      ops: [
        ["fly", 0],
        ["mmap", 3, -1, 8, "rx", "p"],
        ["mmap", 0, 0, 8],
        ["unpin", 0, 1],
        ["open", 0, 4],
        7,
      ],
    };
    expect(problemsOf(bad)).toEqual([
      "warning: a case has no field `comment`; it is ignored",
      'error: `id` must be a non-empty string, not ""',
      'error: `boot` must be one of std, swap, coh, not "xyz"',
      "error: `W` must be an integer from 1 to 1048576, not 0",
      "error: `thp` must be an integer from 0 to 1, not 2",
      'error: op 0: there is no operation "fly"',
      "error: op 1: mmap: the process must lie between 0 and 2, not 3",
      "error: op 1: mmap: `start` must be at least 0, not -1",
      'error: op 1: mmap: `prot` must be one of n, r, rw, w, not "rx"',
      "error: op 2: mmap: `prot` is missing",
      "error: op 2: mmap: `share` is missing",
      "error: op 3: unpin: takes 0 arguments after the process, not 1",
      "error: op 4: open: `device` must lie between 0 and 3, not 4",
      "error: op 5: an operation must be an array, not 7",
    ]);
  });

  it.each([null, [], 3, "text", {}, { ops: {} }])("refuses %j", (json) => {
    expect(problemsOf(json)).not.toEqual([]);
  });

  it("never throws, whatever the JSON", () => {
    const op = fc.oneof(
      fc.jsonValue(),
      fc.tuple(fc.constantFrom(...Object.keys(OPERATION_TABLE)), fc.jsonValue(), fc.jsonValue()),
    );
    fc.assert(
      fc.property(fc.record({ ops: fc.array(op), W: fc.jsonValue() }), (json) => {
        expect(problemsOf(json)).not.toEqual([]);
      }),
    );
  });
});

describe("formatOp", () => {
  it.each(["mmap 0 0 8 rw p", "nscan 0", "nscan 0 2", "move 0 0 4 1", "move 0 0 4 1 1", "exit 2"])(
    "prints %s as it was",
    (text) => {
      const words = text.split(" ").map((word) => (/^-?\d+$/.test(word) ? Number(word) : word));
      const op = parseOp(words, () => expect.fail());
      expect(op && formatOp(op)).toBe(text);
    },
  );
});
