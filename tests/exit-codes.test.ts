// The contract of every command: 0 ok, 1 an expectation failed, 2 bad input, 3 our bug; and colours
// where NO_COLOR and FORCE_COLOR want them.
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { processIo } from "../packages/faultline/src/command-io.ts";
import { main } from "../packages/faultline/src/main.ts";
import { CapturedIo } from "../packages/faultline/src/testing/captured-io.ts";
import { rootPath } from "./support/source-files.ts";

const SCENARIO = `version: 1
title: A page
steps:
  - { do: mmap, name: heap, pages: 1 }
  - { do: write, at: heap, value: 1 }
  - { do: check, at: heap, value: VALUE }
`;

const TARGETS = `version: 1
targets:
  - id: mine.shape
    what: a page that is written
    published: { value: 1, unit: ms, source: a test }
    role: shape
    tolerance_percent: 1
    profiles: [host-cpu]
    scenario:
      version: 1
      title: t
      steps: [{ do: mmap, name: a, pages: 1 }, { do: write, at: a }]
    measure: { of: time, step: 2 }
`;

const files: Readonly<Record<string, string>> = {
  "s.yaml": SCENARIO.replace("VALUE", "1"),
  "fails.yaml": SCENARIO.replace("VALUE", "2"),
  "targets.yaml": TARGETS,
  "bad.yaml": "version: 1\ntitle: Bad\nstepz: []\n",
  "facts/cards.txt": "no such tool\n",
};

/** Files of the tests first, then those of the repository. */
class Io extends CapturedIo {
  override readonly readFile = (path: string): Uint8Array => {
    const own = files[path];
    return own === undefined ? readFileSync(rootPath + path) : new TextEncoder().encode(own);
  };
}

async function codeOf(line: string): Promise<{ code: number; err: string }> {
  const io = new Io();
  return { code: await main(line.split(" "), io), err: io.err };
}

interface CommandLines {
  readonly name: string;
  readonly good: string;
  readonly bad: readonly string[];
  /** What fails an expectation; null where a command has none. */
  readonly fails: string | null;
}

const XE = "intel-xe-svm-nothp";

const COMMANDS: readonly CommandLines[] = [
  {
    name: "run",
    good: "run s.yaml --profile host-cpu",
    bad: ["run bad.yaml", "run none.yaml", "run s.yaml --jobs 0"],
    fails: "run s.yaml fails.yaml",
  },
  { name: "check", good: "check fails.yaml", bad: ["check bad.yaml", "check"], fails: null },
  {
    name: "compare",
    good: `compare s.yaml --profiles host-cpu,${XE}`,
    bad: ["compare s.yaml", "compare s.yaml --profiles none"],
    fails: null,
  },
  {
    name: "reproduce",
    good: "reproduce --only V01.thp.copy",
    bad: ["reproduce none.yaml", "reproduce bad.yaml"],
    fails: "reproduce targets.yaml",
  },
  {
    name: "bench",
    good: `bench --profiles ${XE} --sizes 4KiB --places driver --noises thp`,
    bad: ["bench --profiles none", "bench --sizes many"],
    fails: null,
  },
  {
    name: "sweep",
    good: "sweep s.yaml --over seed=1,2 --profile host-cpu -o rows.csv",
    bad: ["sweep s.yaml -o rows.csv", "sweep s.yaml --over seed=1 -o rows.csv"],
    fails: null,
  },
  {
    name: "explain",
    good: "explain s.yaml --page heap",
    bad: ["explain s.yaml", "explain s.yaml --page none", "explain bad.yaml --fault 0"],
    fails: null,
  },
  {
    name: "conformance",
    good: "conformance --help",
    bad: ["conformance hmm none.jsonl none.jsonl", "conformance none"],
    fails: null,
  },
  {
    name: "topology",
    good: "topology scenarios/machines/switch-box.yaml",
    bad: ["topology bad.yaml", "topology"],
    fails: null,
  },
  {
    name: "import",
    good: "import nvidia-smi scenarios/imports/four-gpus.txt",
    bad: ["import nvidia-smi facts/cards.txt", "import none facts/cards.txt"],
    fails: null,
  },
  { name: "platform", good: "platform --help", bad: ["platform memlock none.xml"], fails: null },
  { name: "profiles", good: "profiles", bad: ["profiles none"], fails: null },
  { name: "schema", good: "schema scenario", bad: ["schema none", "schema"], fails: null },
  { name: "completion", good: "completion --help", bad: ["completion tcsh"], fails: null },
];

describe("exit codes", () => {
  test("are looked at for every command", async () => {
    const io = new Io();
    await main(["--help"], io);
    const names = [...io.out.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1] ?? "");
    const known = COMMANDS.map(({ name }) => name);
    expect([...new Set(names)].filter((name) => name !== "help").toSorted()).toEqual(
      known.toSorted(),
    );
  });

  test.each(COMMANDS)("of $name are 0 for what is good and 2 for bad input", async (command) => {
    const good = await codeOf(command.good);
    expect([good.code, good.err.includes(" error ")]).toEqual([0, false]);
    for (const line of command.bad) {
      const { code, err } = await codeOf(line);
      expect([line, code]).toEqual([line, 2]);
      expect(err).not.toBe("");
    }
  });

  const failing = COMMANDS.flatMap(({ fails }) => (fails === null ? [] : [fails]));

  test.each(failing)("of %s is 1, because an expectation failed", async (line) => {
    expect((await codeOf(line)).code).toBe(1);
  });

  test.each(COMMANDS)("of $name is 3 for a bug of ours", async ({ name }) => {
    const io = new Io();
    const broken = Object.assign(io, {
      writeOut: () => {
        throw new RangeError("the sky fell");
      },
    });
    expect(await main([name, "--help"], broken)).toBe(3);
    expect(io.err).toContain("internal error: RangeError: the sky fell");
    expect(io.err).toContain(`  faultline ${name} --help\n`);
  });

  test("the worst of several files decides", async () => {
    expect((await codeOf("run fails.yaml bad.yaml")).code).toBe(2);
    expect((await codeOf("run fails.yaml s.yaml")).code).toBe(1);
  });
});

describe("colours", () => {
  afterEach(() => void vi.unstubAllEnvs());

  function hasColours(env: Readonly<Record<string, string>>): boolean {
    for (const name of ["NO_COLOR", "FORCE_COLOR"]) vi.stubEnv(name, env[name]);
    const { outHasColours, errHasColours } = processIo();
    expect(errHasColours).toBe(outHasColours);
    return outHasColours;
  }

  test("are those of a terminal, unless somebody says otherwise", () => {
    expect(hasColours({ FORCE_COLOR: "1" })).toBe(true);
    expect(hasColours({ FORCE_COLOR: "0" })).toBe(false);
    expect(hasColours({ NO_COLOR: "1" })).toBe(false);
    expect(hasColours({ NO_COLOR: "1", FORCE_COLOR: "1" })).toBe(false);
    expect(hasColours({ NO_COLOR: "", FORCE_COLOR: "1" })).toBe(true);
  });

  test.each(["run fails.yaml", "run fails.yaml --profile host-cpu", "check bad.yaml"])(
    "of %s change nothing but the colours",
    async (line) => {
      const plain = new Io();
      const coloured = Object.assign(new Io(), { outHasColours: true, errHasColours: true });
      const codes = [await main(line.split(" "), plain), await main(line.split(" "), coloured)];
      expect(codes[0]).toBe(codes[1]);
      const escape = String.fromCodePoint(27);
      const all = coloured.out + coloured.err;
      expect(all).toContain(`${escape}[`);
      const bare = all.replaceAll(new RegExp(String.raw`${escape}\[[0-9;]*m`, "g"), "");
      expect(bare).toBe(plain.out + plain.err);
    },
  );

  test("are in nothing that a program reads", async () => {
    const coloured = Object.assign(new Io(), { outHasColours: true, errHasColours: true });
    await main(["run", "fails.yaml", "--json"], coloured);
    expect(() => JSON.parse(coloured.out) as unknown).not.toThrow();
  });
});
