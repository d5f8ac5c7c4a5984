import { renderDiagnostics, SourceText } from "@faultline/diagnostics";
import { describe, expect, test } from "vitest";
import { loadScenario } from "./load-scenario.ts";

const HEAD = "version: 1\ntitle: a test\n";

/** `line:column CODE message` of every problem. */
function problems(text: string): string[] {
  return loadScenario(text, "t.yaml").diagnostics.map(
    (d) => `${d.line}:${d.column} ${d.code} ${d.message}`,
  );
}

describe("loadScenario", () => {
  test("a good file gives a plan with page numbers", () => {
    const steps = [
      "- { do: mmap, name: heap, pages: 8 }",
      "- { do: write, at: heap+2, pages: 3 }",
      "- { do: read, at: heap+6 }",
    ];
    const { plan, diagnostics } = loadScenario(`${HEAD}steps:\n${steps.join("\n")}\n`, "t.yaml");
    expect(diagnostics).toEqual([]);
    const start = plan?.steps[0]?.start as number;
    expect(plan?.steps.map((step) => [step.start - start, step.nrPages])).toEqual([
      [0, 8],
      [2, 3],
      [6, 2],
    ]);
  });

  test("reports every problem of a file at once, each where it stands", () => {
    const text = [
      "version: 2",
      "titel: x",
      "kernel: 7.3",
      "steps:",
      "  - { do: mmap, name: heap, pages: -1 }",
      "  - { do: wrte, at: heap }",
      "  - { do: write, at: 7 }",
    ].join("\n");
    expect(problems(text)).toEqual([
      "1:1 E_KEY_MISSING missing key: title",
      "1:10 E_VALUE_UNKNOWN unknown value: 2",
      "2:1 E_KEY_UNKNOWN unknown key: titel",
      "3:9 E_VALUE_UNKNOWN unknown value: 7.3",
      "5:36 E_VALUE_RANGE out of range: must be > 0",
      "6:11 E_VALUE_UNKNOWN unknown value: wrte",
      "7:22 E_VALUE_TYPE expected a text, found 7",
    ]);
  });

  test("names must be declared before they are used", () => {
    const steps = [
      "- { do: write, at: heap }",
      "- { do: mmap, name: heap, pages: 4 }",
      "- { do: write, at: hep }",
      "- { do: write, at: heap+4 }",
      "- { do: write, at: heap+1, pages: 4 }",
      "- { do: device_read, device: gpu0, at: heap }",
      "- { do: write, process: ap, at: heap }",
      "- { do: exit }",
      "- { do: read, at: heap }",
    ];
    expect(problems(`${HEAD}steps:\n${steps.join("\n")}\n`)).toEqual([
      "4:20 E_NAME_UNKNOWN unknown mapping: heap",
      "6:20 E_NAME_UNKNOWN unknown mapping: hep",
      "7:20 E_VALUE_RANGE page outside the mapping: heap+4",
      "8:35 E_VALUE_RANGE pages: 4 reach past the end of heap",
      "9:30 E_NAME_UNKNOWN unknown device: gpu0",
      "10:25 E_NAME_UNKNOWN unknown process: ap",
      "12:3 E_NAME_UNKNOWN process has exited: app",
    ]);
  });

  test("a machine's names must be unique and its CPUs real", () => {
    const text = `${HEAD}machine:
  nodes:
    - { cpus: [0, 1] }
    - { cpus: [1] }
  devices:
    - { name: gpu0 }
    - { name: gpu0 }
processes:
  - { name: a, cpu: 7 }
steps:
  - { do: mmap, name: heap, pages: 1 }
  - { do: move_pages, at: heap, node: 2 }
`;
    expect(problems(text)).toEqual([
      "6:16 E_NAME_DUPLICATE CPU on two nodes: 1",
      "9:15 E_NAME_DUPLICATE device declared twice: gpu0",
      "11:21 E_NAME_UNKNOWN unknown CPU: 7",
      "14:39 E_NAME_UNKNOWN unknown node: 2",
    ]);
  });

  test("text that is not YAML is a syntax problem with a place", () => {
    for (const text of ["a: [1, 2", "a: *nowhere", "\ta: 1", "a: 1\na: 2"]) {
      const { plan, diagnostics } = loadScenario(text, "t.yaml");
      expect(plan).toBeNull();
      expect(diagnostics[0]?.code).toBe("E_YAML_SYNTAX");
    }
  });

  test("an empty file and a bare word are refused with a place", () => {
    for (const text of ["", "hello", "[]", "null"]) {
      const { plan, diagnostics } = loadScenario(text, "t.yaml");
      expect(plan).toBeNull();
      expect(diagnostics.length).toBeGreaterThan(0);
    }
  });

  test("a diagnostic shows the line, a caret and a hint", () => {
    const text = [
      `${HEAD}machine:`,
      "  devices: [{ name: gpu0 }]",
      "steps:",
      "  - { do: mmap, name: heap, pages: 1 }",
      "  - { do: device_read, device: gpu1, at: heap }\n",
    ].join("\n");
    const { diagnostics } = loadScenario(text, "t.yaml");
    const sources = new Map([["t.yaml", new SourceText("t.yaml", text)]]);
    const shown = renderDiagnostics(diagnostics, { sources });
    expect(shown).toContain("t.yaml:7:32 error E_NAME_UNKNOWN: unknown device: gpu1");
    expect(shown).toContain("did you mean gpu0?");
    expect(shown).toContain("^^^^");
  });
});
