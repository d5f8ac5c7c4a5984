import { shippedProfileIds } from "@faultline/profiles";
import { describe, expect, test } from "vitest";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { addProfilesCommand } from "./profiles.ts";
import { addSchemaCommand } from "./schema.ts";

const GOOD = `version: 1
id: mine
title: Mine
extends: intel-xe-svm-thp
costs:
  replay:
    per_fault: { kind: measured, value: 3, unit: us, source: our bench }
`;

const BAD = `version: 1
id: mine
title: Mine
extends: intel-xe-svm-thpp
costs:
  replay:
    per_fault: { value: 3, unit: us }
`;

function run(...argv: string[]): Promise<Ran> {
  return runCommand(addProfilesCommand, ["profiles", ...argv], {
    "good.yaml": GOOD,
    "bad.yaml": BAD,
  });
}

interface Shown {
  readonly id: string;
  readonly numbers: {
    readonly total: number;
    readonly assumed: number;
    readonly shareAssumed: number;
  };
  readonly fields: readonly {
    readonly path: string;
    readonly kind: string;
    readonly engine: number | null;
    readonly citation: string;
    readonly range: object | null;
  }[];
}

describe("faultline profiles", () => {
  test("lists every profile with how many of its numbers come from where", async () => {
    const { code, out, err } = await run();
    expect([code, err]).toEqual([0, ""]);
    const lines = out.trimEnd().split("\n");
    expect(lines[0]).toMatch(
      /^profile +vendor +stack +measured +published +fitted +assumed +assumed % +machine$/,
    );
    expect(lines.slice(1).map((line) => line.split(" ")[0])).toEqual(shippedProfileIds());
    expect(out).toMatch(/^nv-hopper-x86-uvm .*\(mostly a gap\)$/m);
  });

  test("lists the same as data", async () => {
    const { out } = await run("--json");
    const { profiles } = JSON.parse(out) as { profiles: Shown[] };
    expect(profiles.map(({ id }) => id)).toEqual(shippedProfileIds());
    for (const { numbers } of profiles) {
      expect(numbers.shareAssumed).toBe(numbers.assumed / numbers.total);
    }
  });

  test.each(shippedProfileIds())("shows %s", async (id) => {
    const { code, out, err } = await run(id);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("\nWhat the kernel does on a CPU\n");
    expect(out).toContain("\nSources\n");
    // No number that nobody published is shown without the word and its range.
    const assumed = out.split("\n").filter((line) => line.includes("(assumed"));
    expect(assumed.length).toBeGreaterThan(0);
    const bare = assumed.filter((line) => !/assumed, an estimate: \S+ \S+ to \S+ \S+, /.test(line));
    expect(bare).toEqual([]);
  });

  test("shows each number with its origin, and what a total is priced at", async () => {
    const { out } = await run("intel-xe-svm-thp");
    expect(out).toContain(
      "  map.per_folio  2 us  (published, quoted)\n      figure xe.2m.thp.bind [XETHP]\n",
    );
    expect(out).toContain("  pte_set.per_unit  35.995 ns  (fitted, inferred; from host-cpu)\n");
    expect(out).toContain("      the profile prices it at 132 us, 0 % of it assumed\n");
    expect(out).toMatch(/^ {2}\[XETHP\] F\. Dugast \(Intel\), .*Message-ID/m);
  });

  test("shows one as data, with what the engine takes", async () => {
    const { out } = await run("intel-xe-svm-thp", "--json");
    const { fields } = JSON.parse(out) as Shown;
    expect(fields.find(({ path }) => path === "costs.map.per_folio")).toMatchObject({
      value: 2,
      unit: "us",
      kind: "published",
      confidence: "quoted",
      engine: 2_000_000,
      figures: ["xe.2m.thp.bind"],
    });
  });

  test("prints one as YAML that it takes back", async () => {
    const { out } = await run("nic-mlx5-odp", "--yaml");
    const again = await runCommand(addProfilesCommand, ["profiles", "-"], { "-": out });
    expect([again.code, again.err]).toEqual([0, ""]);
    expect(again.out).toBe((await run("nic-mlx5-odp")).out);
  });

  test("checks a profile of one's own and shows it", async () => {
    const { code, out, err } = await run("good.yaml");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("  replay.per_fault  3 us  (measured, quoted)\n      our bench\n");
  });

  test("reports every problem of one's own, and exits with 2", async () => {
    const { code, out, err } = await run("bad.yaml");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("bad.yaml:4:10 error E_NAME_UNKNOWN: unknown profile");
    expect(err).toContain("did you mean intel-xe-svm-thp?");
    expect(err).toContain("bad.yaml:7:5 error E_PROFILE_FIELD: a number without an origin");
    const { out: json } = await run("bad.yaml", "--json");
    expect((JSON.parse(json) as { diagnostics: unknown[] }).diagnostics).toHaveLength(2);
  });

  test("knows a mistyped id, and exits with 2", async () => {
    const { code, out, err } = await run("intel-xe-smv-thp");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(
      "<command line>: error E_NAME_UNKNOWN: unknown profile: intel-xe-smv-thp",
    );
    expect(err).toContain("did you mean intel-xe-svm-thp?");
  });

  test("says when a file is not there", async () => {
    const { code, err } = await run("missing.yaml");
    expect(code).toBe(2);
    expect(err).toContain("missing.yaml: error E_FILE_NOT_FOUND");
  });

  test("has examples in its help", async () => {
    const { code, out } = await run("--help");
    expect(code).toBe(0);
    expect(out).toContain("faultline profiles intel-xe-svm-thp --yaml > mine.yaml");
  });
});

describe("faultline profiles fit", () => {
  const MEASURED = `version: 1
id: ours
title: Ours
extends: intel-xe-svm-thp
hardware: our box
source: our trace
measurements:
  - { what: reply, field: costs.replay.per_fault, unit: us, samples: [3, 4, 5] }
`;
  const fit = (...argv: string[]): Promise<Ran> =>
    runCommand(addProfilesCommand, ["profiles", "fit", ...argv], {
      "ours.yaml": MEASURED,
      "bad.yaml": MEASURED.replace("replay", "reply"),
    });

  test("shows how samples and profile agree", async () => {
    const { code, out, err } = await fit("ours.yaml");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^reply +costs\.replay\.per_fault +3 +0 +4 us +1 +6\.5 +4 +0\.0 %$/m);
  });

  test("prints a profile that can be used, and how it agrees on stderr", async () => {
    const { code, out, err } = await fit("ours.yaml", "--yaml");
    expect(code).toBe(0);
    expect(err).toContain("costs.replay.per_fault");
    const again = await runCommand(addProfilesCommand, ["profiles", "-"], { "-": out });
    expect(again.out).toContain("replay.per_fault  4 us  (measured, quoted");
  });

  test("prints the same as data", async () => {
    const { out } = await fit("ours.yaml", "--json");
    expect(JSON.parse(out)).toMatchObject({
      fitted: [{ id: "ours", residuals: [{ median: 4, after: 4 }] }],
      diagnostics: [],
    });
  });

  test("reports what is wrong with measurements, and exits with 2", async () => {
    const { code, out, err } = await fit("bad.yaml");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("bad.yaml:8:27 error E_NAME_UNKNOWN: unknown number");
    expect((await fit("missing.yaml")).code).toBe(2);
    const two = await fit("ours.yaml", "ours.yaml", "--yaml");
    expect([two.code, two.out]).toEqual([2, ""]);
  });
});

describe("faultline schema", () => {
  test.each(["profile", "targets", "measurements"])(
    "prints the schema of %s documents",
    async (kind) => {
      const { code, out } = await runCommand(addSchemaCommand, ["schema", kind]);
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({
        $schema: "https://json-schema.org/draft/2020-12/schema",
      });
    },
  );
});
