import { describe, expect, test } from "vitest";
import { parseSteps } from "./host-program.ts";
import { COMPOSITES, PRIMITIVES } from "./host-programs.ts";

describe("the steps of a program", () => {
  test("are a word and numbers, of the process or its child", () => {
    expect(parseSteps("map huge 512; start;  child write 0 512 2; stop")).toEqual([
      { word: "map", isChild: false, kind: "huge", numbers: [512] },
      { word: "start", isChild: false, kind: "small", numbers: [] },
      { word: "write", isChild: true, kind: "small", numbers: [0, 512, 2] },
      { word: "stop", isChild: false, kind: "small", numbers: [] },
    ]);
  });

  test.each(["jump 1", "map tiny 4", "map 4", "write 0", "child fork", "read a b", ""])(
    "%s is none",
    (text) => {
      expect(() => parseSteps(text)).toThrow("no step of a program");
    },
  );

  test("of every program can be read, fit into a line, and time one stretch", () => {
    const programs = [...PRIMITIVES, ...COMPOSITES];
    expect(new Set(programs.map(({ name }) => name)).size).toBe(programs.length);
    for (const { name, steps } of programs) {
      const words = parseSteps(steps).map(({ word }) => word);
      expect([name, words.filter((word) => word === "start" || word === "stop")]).toEqual([
        name,
        ["start", "stop"],
      ]);
      // The buffer of native/host.c.
      expect(`${name} ${steps}\n`.length).toBeLessThan(4096);
    }
  });

  test("of a composite are those of no primitive", () => {
    const timed = (steps: string): string => steps.slice(steps.indexOf("start"));
    const primitives = PRIMITIVES.map(({ steps }) => timed(steps));
    for (const { steps } of COMPOSITES) expect(primitives).not.toContain(timed(steps));
  });
});
