import { posix } from "node:path";
import { renderDiagnostic, SourceText } from "@faultline/diagnostics";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReadReferenced } from "../load-machine-file.ts";
import { loadScenario } from "../load-scenario.ts";
import { runUntimedScenario } from "../run-untimed-scenario.ts";
import { parseOverrides } from "./override.ts";

const BASE = `version: 1
title: Base
machine: { swap: 64MiB, devices: [{ name: gpu0 }, { name: gpu1 }] }
steps:
  - { do: mmap, name: heap, pages: 4 }
  - { do: write, at: heap, value: 7 }
`;

function reader(files: Readonly<Record<string, string>>): ReadReferenced {
  return (path, from) => {
    const full = posix.join(posix.dirname(from), path);
    const text = files[full];
    return text === undefined ? null : new SourceText(full, text);
  };
}

function load(text: string, files: Readonly<Record<string, string>> = {}, sets: string[] = []) {
  const { overrides, diagnostics, source } = parseOverrides(sets);
  const loaded = loadScenario(text, "t.yaml", reader(files), { overrides });
  const sources = new Map(
    [source, new SourceText("t.yaml", text), ...loaded.sources].map((one) => [one.file, one]),
  );
  const all = [...diagnostics, ...loaded.diagnostics];
  const shown = all.map((one) => renderDiagnostic(one, { sources, nrLinesBefore: 0 }));
  return { plan: diagnostics.length === 0 ? loaded.plan : null, shown };
}

describe("extends", () => {
  test("merges mappings, replaces everything else, and takes away what is null", () => {
    const text =
      "extends: base.yaml\ntitle: Mine\nmachine: { swap: null, devices: [{ name: nic0 }] }\n";
    const { plan, shown } = load(text, { "base.yaml": BASE });
    expect(shown).toEqual([]);
    expect(plan?.document).toMatchObject({ title: "Mine", machine: { devices: [{}] } });
    expect(plan?.document.machine.swap).toBeUndefined();
    expect(plan?.document.steps).toHaveLength(2);
  });

  test("several files lie one on the other, and each may extend others itself", () => {
    const files = {
      "base.yaml": BASE,
      "lib/a.yaml": "extends: ../base.yaml\nmachine: { swap: 128MiB }\nseed: 1\n",
      "b.yaml": "seed: 2\n",
    };
    const { plan } = load("extends: [lib/a.yaml, b.yaml]\ntitle: Both\n", files);
    expect(plan?.document).toMatchObject({ seed: 2, title: "Both", machine: { swap: "128MiB" } });
  });

  test("a wrong value is shown where it is written, in whichever file", () => {
    const files = { "base.yaml": BASE.replace("64MiB", "64MB") };
    const text = "extends: base.yaml\ntitle: Mine\nkernel: 7.2\n";
    const { shown } = load(text, files);
    expect(shown.map((one) => one.split(": ")[0])).toEqual([
      "base.yaml:3:18 error E_VALUE_TYPE",
      "t.yaml:3:9 error E_VALUE_UNKNOWN",
    ]);
  });

  test("what is wrong after merging is shown at the layer that wrote it", () => {
    const text = "extends: base.yaml\nmachine: { devices: [{ name: nic0 }, { name: nic0 }] }\n";
    const { shown } = load(text, { "base.yaml": BASE });
    expect(shown[0]).toMatch(/^t\.yaml:2:46 error E_NAME_DUPLICATE: device declared twice: nic0/);
  });

  test("a circle of files is told with the way around it", () => {
    const files = { "a.yaml": "extends: b.yaml\n", "b.yaml": "extends: a.yaml\n" };
    const { plan, shown } = load("extends: a.yaml\n", files);
    expect(plan).toBeNull();
    expect(shown[0]).toMatch(/^b\.yaml:1:10 error E_FILE_CYCLE: a\.yaml is made of itself/);
    expect(shown[0]).toMatch(/a\.yaml:1:10: leads to b\.yaml/);
    const self = loadScenario("extends: t.yaml\n", "t.yaml", reader({ "t.yaml": "" }));
    expect(self.diagnostics.map(({ code }) => code)).toEqual(["E_FILE_CYCLE"]);
  });

  test.each([
    ["extends: gone.yaml", "t.yaml:1:10 error E_FILE_NOT_FOUND"],
    ["extends: 3", "t.yaml:1:10 error E_VALUE_TYPE"],
    ["extends: list.yaml", "list.yaml:1:1 error E_VALUE_TYPE"],
    ["extends: broken.yaml", "broken.yaml:1:2 error E_YAML_SYNTAX"],
    ["extends: base.yaml\nset: 3", "t.yaml:2:6 error E_VALUE_TYPE"],
    ["extends: base.yaml\nset: { steps.9: 3 }", "t.yaml:2:14 error E_VALUE_RANGE"],
    ["extends: base.yaml\nset: { steps.0.pages: 0 }", "t.yaml:2:23 error E_VALUE_RANGE"],
    ["steps: [{ include: gone.yaml }]", "t.yaml:1:20 error E_FILE_NOT_FOUND"],
    ["steps: [{ include: machine.yaml }]", "t.yaml:1:20 error E_KEY_MISSING"],
    ["steps: [{ include: base.yaml, at: heap }]", "t.yaml:1:31 error E_KEY_UNKNOWN"],
  ])("%s is a problem at its place", (text, expected) => {
    const files = {
      "base.yaml": BASE,
      "list.yaml": "- 1\n",
      "broken.yaml": "{",
      "machine.yaml": "machine: {}\n",
    };
    expect(load(text, files).shown[0]?.split(": ")[0]).toBe(expected);
  });
});

describe("include", () => {
  const files = { "lib/warm.yaml": BASE, "lib/check.yaml": "steps: [{ do: read, at: haep }]\n" };

  test("puts the steps of a file among the others, each with its own place", () => {
    const text =
      "version: 1\ntitle: Mine\nsteps:\n  - include: lib/warm.yaml\n  - { do: read, at: heap }\n";
    const { plan } = load(text, files);
    expect(plan?.steps.map(({ otherFile, place }) => [otherFile, place.line])).toEqual([
      ["lib/warm.yaml", 5],
      ["lib/warm.yaml", 6],
      [null, 5],
    ]);
  });

  test("a wrong name in an included step is shown in its file", () => {
    const text = `${BASE}  - include: lib/check.yaml\n`;
    expect(load(text, files).shown[0]).toMatch(/^lib\/check\.yaml:1:25 error E_NAME_UNKNOWN/);
  });

  test("a handful of files cannot grow without end", () => {
    const twice = (name: string): string => `steps:\n${`  - include: ${name}\n`.repeat(8)}`;
    const bombs = Object.fromEntries([
      ["x0.yaml", BASE],
      ...Array.from({ length: 8 }, (_, n) => [`x${n + 1}.yaml`, twice(`x${n}.yaml`)]),
    ]);
    expect(load("extends: x8.yaml\n", bombs).shown.at(-1)).toMatch(/too many steps/);
  });
});

describe("overrides", () => {
  test("name keys with dots in them, entries by name or position, and make what is missing", () => {
    const sets = [
      'designs."hmm.p2pOp"=targetAware',
      "designs.hmm.p2pOp=v2",
      "machine.devices.gpu1.stack=dmirror",
      "steps[0].pages=8",
      "machine.devices.0=",
      "title=",
      "title=Set",
    ];
    const { plan, shown } = load(BASE, {}, sets);
    expect(shown).toEqual([]);
    expect(plan?.document).toMatchObject({
      title: "Set",
      designs: { "hmm.p2pOp": "v2" },
      machine: { devices: [{ name: "gpu1", stack: "dmirror" }] },
      steps: [{ pages: 8 }, {}],
    });
  });

  test("go over what a file sets, and the run is another", () => {
    const text = `${BASE}  - { do: check, at: heap, value: 9 }\nset: { steps.1.value: 8 }\n`;
    const { plan } = load(text, {}, ["steps.1.value=9"]);
    if (plan === null) throw new Error("the scenario is good");
    expect(runUntimedScenario(plan).passed).toBe(true);
  });

  test.each([
    ["machne.swap=1MiB", /:1:7 error E_KEY_UNKNOWN.*did you mean machine\?/s],
    ["steps.1.valuee=1", /:1:15 error E_KEY_UNKNOWN.*did you mean value\?/s],
    ["machine.devices.gpu2.stack=xe", /:1:23 error E_NAME_UNKNOWN.*names are gpu0, gpu1/s],
    ["steps.x.pages=1", /:1:13 error E_NAME_UNKNOWN.*names are heap/s],
    ["title.x=1", /:1:7 error E_VALUE_TYPE: not a mapping or list: title/],
    ["machine.swap=64MB", /:1:20 error E_VALUE_TYPE/],
    ["machine.swap=[", /:1:2\d error E_YAML_SYNTAX/],
    ["steps..pages=1", /error E_OPTION_INVALID: not a path: steps\.\.pages/],
    ["swap", /:1:7 error E_OPTION_INVALID: no value: swap/],
    ["=3", /:1:7 error E_OPTION_INVALID: no path: =3/],
    ["__proto__.x=3", /:1:7 error E_KEY_UNKNOWN: unknown key: __proto__/],
  ])("--set %s says what is wrong in the argument", (setting, expected) => {
    const { plan, shown } = load(BASE, {}, [setting]);
    expect(plan).toBeNull();
    expect(shown[0]).toMatch(/^<command line>:1:/);
    expect(shown[0]).toMatch(expected);
  });

  test("whatever is set, the answer is a plan or diagnostics with places", () => {
    const word = fc.constantFrom(
      ...'machine devices gpu0 steps 0 -1 99 knobs [ ] " . = set é designs {a:1}'.split(" "),
      ..."extends title __proto__ constructor".split(" "),
      "",
      " ",
    );
    const setting = fc.array(word, { maxLength: 8 }).map((words) => words.join(""));
    const dotted = fc.array(word, { maxLength: 5 }).map((words) => `${words.join(".")}=1`);
    fc.assert(
      fc.property(fc.array(fc.oneof(setting, dotted), { maxLength: 3 }), (sets) => {
        const { plan, shown } = load(BASE, {}, sets);
        return plan !== null || shown.length > 0;
      }),
      { numRuns: 300, seed: 20261127 },
    );
  });
});
