import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import type { CommandContext } from "../command-context.ts";
import { main } from "../main.ts";
import { CapturedIo } from "../testing/captured-io.ts";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { addCheckCommand } from "./check.ts";
import { addCompareCommand } from "./compare.ts";
import { addExplainCommand } from "./explain.ts";
import { addRunCommand } from "./run.ts";
import { addSchemaCommand } from "./schema.ts";

function scenario(title: string, ...steps: string[]): string {
  const lines = ["{ do: mmap, name: heap, pages: 2 }", ...steps].map((step) => `  - ${step}\n`);
  return `version: 1\ntitle: ${title}\nsteps:\n${lines.join("")}`;
}

const TIMED = scenario(
  "Timed",
  "{ do: write, at: heap, value: 7 }",
  "{ do: device_write, device: gpu0, at: heap, value: 8 }",
  "{ do: check, at: heap, value: 8 }",
).replace("steps:", "machine: { devices: [{ name: gpu0 }] }\nsteps:");

const files = {
  "timed.yaml": TIMED,
  "own.yaml": TIMED.replace("steps:", "profile: amd-mi250x-xnack-svm\nseed: 9\nsteps:"),
  "good.yaml": scenario("Good", "{ do: write, at: heap, pages: 1, value: 7 }"),
  "fail.yaml": scenario("Fail", "{ do: check, at: heap, pages: 1, state: present }"),
  "bad.yaml": scenario("Bad", "{ do: wriet, at: heap }", "{ do: read, at: haep }"),
};

function run(...argv: string[]): Promise<Ran> {
  const add = (program: Command, context: CommandContext): void => {
    addRunCommand(program, context);
    addCheckCommand(program, context);
    addExplainCommand(program, context);
    addSchemaCommand(program, context);
    addCompareCommand(program, context);
  };
  return runCommand(add, argv, files);
}

test("a scenario names files from its own folder, or by their absolute paths", async () => {
  const base = "title: Base\nversion: 1\nsteps: [{ do: mmap, name: heap, pages: 2 }]\n";
  const over = (path: string): string => `version: 1\ntitle: Over\nextends: ${path}\n`;
  const all = {
    "/far/base.yaml": base,
    "near/base.yaml": base,
    "near/a.yaml": over("/far/base.yaml"),
    "near/b.yaml": over("base.yaml"),
    "near/c.yaml": over("/near/base.yaml"),
  };
  const results = [];
  for (const file of ["near/a.yaml", "near/b.yaml", "near/c.yaml"]) {
    const { code, err } = await runCommand(addCheckCommand, ["check", file], all);
    results.push([code, err.includes("E_FILE_NOT_FOUND")]);
  }
  expect(results).toEqual([
    [0, false],
    [0, false],
    [2, true],
  ]);
});

describe("faultline compare", () => {
  test("has the drivers' own counters and the bytes of each way beside the times", async () => {
    const argv = ["compare", "timed.yaml", "--profiles", "intel-xe-svm-nothp,amd-mi250x-xnack-svm"];
    const { out } = await run(...argv);
    expect(out).toMatch(/^counters +intel-xe-svm-nothp +amd-mi250x-xnack-svm$/m);
    expect(out).toMatch(/^gpu0 svm_pagefault_count +[1-9]\d* +0$/m);
    expect(out).toMatch(/^copied system → gpu0 +8 +8$/m);
    expect(out).toMatch(/^vmstat +intel-xe-svm-nothp +amd-mi250x-xnack-svm$/m);
    expect(out).toMatch(/^pgfault +2 +2$/m);
    expect((await run(...argv, "--no-vmstat")).out).not.toContain("pgfault");
    const { comparisons } = JSON.parse((await run(...argv, "--json")).out) as {
      comparisons: readonly { runs: readonly { moved: readonly object[]; vmstat: object }[] }[];
    };
    expect(comparisons[0]?.runs[0]?.vmstat).toEqual({ pgfault: 2 });
    const copied = { how: "copied", from: "system", to: "gpu0", bytes: 8192 };
    expect(comparisons[0]?.runs.map(({ moved }) => moved)).toEqual([
      expect.arrayContaining([copied]),
      expect.arrayContaining([copied]),
    ]);
  });
});

test("faultline compare wants a profile at least", async () => {
  const { code, out, err } = await run("compare", "timed.yaml", "--profiles", ",");
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain("it names at least one profile");
});

describe("faultline run --update", () => {
  test("keeps what a scenario does beside it, and says when that changes", async () => {
    const kept = { ...files, "good.expected.txt": "something else\n" };
    const add = addRunCommand;
    const changed = await runCommand(add, ["run", "good.yaml", "--update"], kept);
    expect(changed.out).toBe("good.expected.txt: changed\n");
    const text = changed.written.get("good.expected.txt") ?? "";
    expect(text).toMatch(/^passed: 2 steps$/m);
    expect(text).not.toContain("why: ");
    const same = { ...files, "good.expected.txt": text };
    const again = await runCommand(add, ["run", "good.yaml", "--update"], same);
    expect([again.out, again.written.size, again.code]).toEqual(["", 0, 0]);
  });

  test("keeps nothing of a scenario that fails or was changed", async () => {
    const failed = await run("run", "fail.yaml", "--update");
    expect([failed.code, failed.written.size]).toEqual([1, 0]);
    const other = await run("run", "good.yaml", "--update", "--seed", "1");
    expect([other.code, other.written.size]).toEqual([2, 0]);
    expect(other.err).toContain("--update beside --seed");
  });
});

describe("--set", () => {
  test("changes what runs, in every command that loads scenarios", async () => {
    const set = ["--set", "steps.1.value=9"];
    const ran = await run("run", "good.yaml", ...set);
    expect([ran.code, ran.out]).toEqual([0, expect.stringContaining("value=9")]);
    expect((await run("check", "good.yaml", ...set)).err).toBe("1 file, no problems\n");
    const story = await run("explain", "good.yaml", "--page", "heap", ...set, "--json");
    expect(story.out).toContain("value=9");
    const timed = await run(
      "compare",
      "timed.yaml",
      "--profiles",
      "host-cpu",
      "--set",
      "title=Mine",
    );
    expect(timed.out).toMatch(/^Mine\n/);
  });

  test("a wrong path is shown in the argument, and nothing runs", async () => {
    for (const command of ["run", "check"]) {
      const { code, out, err } = await run(command, "good.yaml", "--set", "machne.swap=1GiB");
      expect([code, out]).toEqual([2, ""]);
      expect(err).toMatch(/^<command line>:1:7 error E_KEY_UNKNOWN: unknown key: machne$/m);
      expect(err).toContain("did you mean machine?");
    }
  });
});

describe("faultline run --profile", () => {
  test("shows the faults with their times, what they are spent on, and the digest", async () => {
    const { code, out, err } = await run("run", "timed.yaml", "--profile", "intel-xe-svm-nothp");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^gpu0 write +2 +[\d.]+ us/m);
    expect(out).toMatch(/^cpu write +2 +[\d.]+ us/m);
    expect(out).toMatch(/^% of time +detect +deliver/m);
    expect(out).toMatch(/ simulated, 4 faults, digest [0-9a-f]{16}$/m);
    expect(out).toMatch(/^[\d.]+ % of the priced time rests on assumed numbers$/m);
  });

  test("prints the same bytes again, as text and as JSON", async () => {
    for (const more of [[], ["--json"]]) {
      const argv = ["run", "timed.yaml", "--profile", "amd-mi250x-xnack-svm", ...more];
      expect((await run(...argv)).out).toBe((await run(...argv)).out);
    }
  });

  test("--json has the faults by kind, in picoseconds", async () => {
    const { out } = await run("run", "timed.yaml", "--profile", "host-cpu", "--json");
    expect(JSON.parse(out)).toMatchObject({
      results: [
        {
          cpuProfile: "host-cpu",
          devices: [{ name: "gpu0", driver: "ideal", profile: "host-cpu" }],
          faults: [
            { device: "gpu0", access: "write" },
            { device: "cpu", access: "write", nrFaults: 2 },
          ],
        },
      ],
    });
  });

  test("is not needed where the scenario names its profile; --seed replaces its seed", async () => {
    expect((await run("run", "own.yaml")).out).toContain("profile amd-mi250x-xnack-svm, seed 9");
    expect((await run("run", "own.yaml", "--seed", "5")).out).toContain("seed 5");
    expect((await run("run", "own.yaml", "--seed", "x")).code).toBe(2);
  });

  test("refuses profiles and devices that nobody knows", async () => {
    const profile = await run("run", "timed.yaml", "--profile", "xe");
    expect([profile.code, profile.out]).toEqual([2, ""]);
    expect(profile.err).toContain("E_NAME_UNKNOWN: unknown profile: xe");
    const device = await run("run", "timed.yaml", "--profile", "gpu1=host-cpu");
    expect([device.code, device.out]).toEqual([2, ""]);
    expect(device.err).toContain("E_NAME_UNKNOWN: unknown device: gpu1");
  });
});

describe("faultline run", () => {
  test("prints the result of each file in order", async () => {
    const { code, out, err } = await run("run", "good.yaml", "good.yaml");
    expect([code, err]).toEqual([0, ""]);
    expect(out.match(/^Good$/gm)).toHaveLength(2);
    expect(out.match(/^passed: 2 steps$/gm)).toHaveLength(2);
  });

  test("exits with 1 and names the line when an expectation is not met", async () => {
    const { code, out } = await run("run", "fail.yaml");
    expect(code).toBe(1);
    expect(out).toMatch(/fail\.yaml:5:5: expected state of heap\+0 present, found none$/m);
  });

  test("runs nothing when any file has an error, and shows the errors of all", async () => {
    const { code, out, err } = await run("run", "good.yaml", "bad.yaml", "missing.yaml");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^bad\.yaml:5:\d+ error E_\w+: /m);
    expect(err).toContain("missing.yaml: error E_FILE_NOT_FOUND: no such file\n");
    expect(err).toMatch(/^\d errors\n$/m);
  });

  test("--kernel takes the place of the scenario's kernel", async () => {
    const { out } = await run("run", "good.yaml", "--kernel", "7.2.12", "--json");
    expect(JSON.parse(out)).toMatchObject({ results: [{ kernel: "7.2.12" }] });
    expect((await run("run", "good.yaml", "--kernel", "2.6")).code).toBe(2);
  });

  test("--json prints one value with every result", async () => {
    const { code, out } = await run("run", "--json", "good.yaml", "fail.yaml");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      results: [
        { file: "good.yaml", passed: true },
        { file: "fail.yaml", passed: false },
      ],
      diagnostics: [],
    });
  });

  test("--json prints the diagnostics alone when nothing could run", async () => {
    const { code, out } = await run("run", "--json", "missing.yaml");
    expect(code).toBe(2);
    expect(JSON.parse(out)).toEqual({
      diagnostics: [
        {
          code: "E_FILE_NOT_FOUND",
          severity: "error",
          message: "no such file",
          file: "missing.yaml",
        },
      ],
    });
  });

  test("wants at least one file", async () => {
    expect((await run("run")).code).toBe(2);
  });
});

describe("faultline check", () => {
  test("says so when there are no problems", async () => {
    const expected = { code: 0, out: "", err: "1 file, no problems\n" };
    expect(await run("check", "good.yaml")).toMatchObject(expected);
  });

  test("does not run: an expectation that would fail is no problem", async () => {
    expect((await run("check", "fail.yaml")).code).toBe(0);
  });

  test("reports problems in text with an excerpt, and as JSON", async () => {
    const { code, out, err } = await run("check", "--json", "bad.yaml");
    expect(code).toBe(2);
    expect(err).toMatch(/^ {2}5 \| .*wriet/m);
    expect(JSON.parse(out)).toMatchObject({ diagnostics: [{ file: "bad.yaml", line: 5 }] });
  });
});

describe("faultline schema", () => {
  test("prints the schema of a scenario", async () => {
    const { code, out } = await run("schema", "scenario");
    expect(code).toBe(0);
    const schema = JSON.parse(out) as { $schema: string };
    expect(schema.$schema).toContain("json-schema.org/draft/2020-12");
    expect(JSON.stringify(schema)).toContain('"required":["version","title","steps"]');
  });

  test("knows no other kind", async () => {
    expect((await run("schema", "banana")).code).toBe(2);
  });
});

describe("faultline explain", () => {
  test("tells the story of a page with the rules that decided", async () => {
    const { code, out } = await run("explain", "good.yaml", "--page", "heap");
    expect(code).toBe(0);
    expect(out).toMatch(/^ 2 {2}app: write heap, 1 page .*→ ok {2}\(line 5\)$/m);
    expect(out).toMatch(/^ {6}app: nothing → present rw on node 0$/m);
    expect(out).toContain("why: A first write gets a new zeroed page. [mm/memory.c:");
  });

  test("a page that nothing happened to says so", async () => {
    const { code, out } = await run("explain", "good.yaml", "--page", "heap+1");
    expect([code, out]).toEqual([0, "nothing happened to heap+1\n"]);
  });

  test("--json prints the same story", async () => {
    const { out } = await run("explain", "good.yaml", "--page", "heap+0", "--json");
    expect(JSON.parse(out)).toMatchObject({
      file: "good.yaml",
      page: "heap+0",
      steps: [{ step: 2, line: 5, reasons: [{ rule: "anon-new-page" }] }],
    });
  });

  test("a page that the scenario does not have is bad input with a hint", async () => {
    const unknown = await run("explain", "good.yaml", "--page", "haep");
    expect([unknown.code, unknown.out]).toEqual([2, ""]);
    expect(unknown.err).toContain("error E_NAME_UNKNOWN: unknown mapping: haep\n");
    const beyond = await run("explain", "good.yaml", "--page", "heap+2", "--json");
    expect(beyond.code).toBe(2);
    expect(JSON.parse(beyond.out)).toMatchObject({ diagnostics: [{ code: "E_VALUE_RANGE" }] });
    expect((await run("explain", "good.yaml", "--page", "0x1000")).code).toBe(2);
    expect((await run("explain", "good.yaml")).code).toBe(2);
  });

  test("a broken scenario is bad input", async () => {
    expect((await run("explain", "bad.yaml", "--page", "heap", "--json")).code).toBe(2);
  });
});

describe("--faults FILE", () => {
  test("writes the faults of all runs as one table, in the format of its name", async () => {
    const profiles = ["--profiles", "intel-xe-svm-thp,amd-mi250x-xnack-svm"];
    const { code, writtenBytes } = await run(
      "compare",
      "timed.yaml",
      ...profiles,
      "--faults",
      "f.csv",
    );
    expect(code).toBe(0);
    const [head, ...rows] = textOf(writtenBytes.get("f.csv")).trimEnd().split("\n");
    expect(head).toMatch(/^scenario,profile,seed,fault,/);
    expect(new Set(rows.map((row) => row.split(",")[1]))).toEqual(
      new Set(["intel-xe-svm-thp", "amd-mi250x-xnack-svm"]),
    );
    const parquet = await run("run", "own.yaml", "--faults", "f.parquet");
    expect(textOf(parquet.writtenBytes.get("f.parquet")).slice(0, 4)).toBe("PAR1");
    const lines = await run("run", "own.yaml", "--seed", "5", "--faults", "f.jsonl");
    expect(textOf(lines.writtenBytes.get("f.jsonl"))).toMatch(
      /^{"scenario":"own.yaml",.*"seed":5,/,
    );
  });

  test("has migrations and stages beside it, one by one or in a folder", async () => {
    const one = await run("run", "own.yaml", "--stages", "s.csv", "--migrations", "m.jsonl");
    expect([one.code, [...one.writtenBytes.keys()]]).toEqual([0, ["m.jsonl", "s.csv"]]);
    expect(textOf(one.writtenBytes.get("s.csv"))).toMatch(/,stage,copy$/m);
    const all = await run("run", "own.yaml", "--parquet", "out/tables");
    expect([...all.writtenBytes.keys()]).toEqual([
      "out/tables/faults.parquet",
      "out/tables/migrations.parquet",
      "out/tables/stages.parquet",
    ]);
    const unwritable = await run("run", "own.yaml", "--parquet", "none/tables", "--json");
    expect(unwritable.code).toBe(2);
    expect(unwritable.out).toContain("E_FILE_UNWRITABLE");
  });

  test("needs a clock, and a name that says the format", async () => {
    for (const option of ["--migrations", "--stages"]) {
      const { err } = await run("run", "good.yaml", option, "f.csv");
      expect(err).toContain(`${option} without a clock: good.yaml names no profile`);
    }
    const bare = await run("run", "good.yaml", "--faults", "f.csv");
    expect([bare.code, bare.err]).toEqual([2, expect.stringContaining("--faults without a clock")]);
    const other = await run("run", "own.yaml", "--faults", "f.xlsx");
    expect([other.code, other.err]).toEqual([2, expect.stringContaining(".parquet")]);
  });
});

describe("--html FILE and --figures FOLDER", () => {
  const profiles = ["--profiles", "intel-xe-svm-thp,amd-mi250x-xnack-svm"];
  test("write a page, and its figures alone", async () => {
    const argv = ["compare", "timed.yaml", ...profiles, "--html", "r.html", "--figures", "svg"];
    const { code, err, writtenBytes } = await run(...argv);
    expect([code, err]).toEqual([0, ""]);
    const page = textOf(writtenBytes.get("r.html"));
    expect(page).toContain("amd-mi250x-xnack-svm");
    const svgs = [...writtenBytes.keys()].filter((path) => path.startsWith("svg/"));
    expect(svgs).toContain("svg/placement-intel-xe-svm-thp.svg");
    for (const path of svgs) expect(page).toContain(textOf(writtenBytes.get(path)));
    expect(textOf((await run(...argv)).writtenBytes.get("r.html"))).toBe(page);
  });

  test("have a section for each scenario, with the ranges where they are asked for", async () => {
    const argv = ["own.yaml", "timed.yaml", "--profile", "intel-xe-svm-thp", "--uncertainty=3"];
    const { writtenBytes } = await run("run", ...argv, "--html", "r.html", "--figures", "svg");
    const page = textOf(writtenBytes.get("r.html"));
    expect(page.match(/<section /g)).toHaveLength(2);
    expect(page).toContain("90 % of 3 samples");
    expect([...writtenBytes.keys()]).toContain("svg/2-latency.svg");
  });

  test("have a trace beside them, which is the same each time", async () => {
    const argv = ["compare", "timed.yaml", ...profiles, "--trace", "t.pftrace"];
    const [one, two] = [await run(...argv), await run(...argv)];
    const bytes = one.writtenBytes.get("t.pftrace");
    expect(textOf(bytes)).toContain("timed.yaml, amd-mi250x-xnack-svm, seed 42");
    expect(two.writtenBytes.get("t.pftrace")).toEqual(bytes);
  });

  test("need a clock", async () => {
    const { code, err } = await run("run", "good.yaml", "--html", "r.html");
    expect([code, err]).toEqual([2, expect.stringContaining("--html without a clock")]);
  });
});

describe("Ctrl-C", () => {
  const long = scenario(
    "Long",
    "{ do: workload, at: heap, access: write, count: 2000000, pause: 1us }",
    "{ do: check, at: heap, state: present }",
  ).replace("steps:", "profile: host-cpu\nsteps:");

  /** Runs a command line and interrupts it while its scenario is under way. */
  async function interrupted(...argv: string[]): Promise<CapturedIo & { code: number }> {
    const io = new CapturedIo({ "long.yaml": long, "good.yaml": files["good.yaml"] });
    setTimeout(() => io.interrupt?.(), 5);
    const code = await main(argv, io);
    return Object.assign(io, { code });
  }

  test("ends a run with what has happened so far, marked as partial", async () => {
    const { code, out, interrupt } = await interrupted("run", "long.yaml", "good.yaml");
    expect(code).toBe(1);
    expect(out).toMatch(/^stopped: these are partial results$/m);
    expect(out).toMatch(/mmap heap, 2 pages .*→ ok/);
    expect(out).not.toContain("Good");
    expect(interrupt).toBeNull();
  });

  test("says so in JSON, too", async () => {
    const { out } = await interrupted("run", "long.yaml", "--json");
    const { results } = JSON.parse(out) as { results: { isPartial: boolean; passed: boolean }[] };
    expect(results).toMatchObject([{ isPartial: true, passed: false }]);
  });

  test("ends a comparison after the run that was under way", async () => {
    const profiles = "host-cpu,intel-xe-svm-thp";
    const { code, out } = await interrupted("compare", "long.yaml", "--profiles", profiles);
    expect([code, out]).toEqual([1, expect.stringContaining("the last run is partial")]);
  });
});

function textOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}
