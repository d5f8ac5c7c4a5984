// Reports as people see them: a page in a real browser, in light and dark, and tables in DuckDB.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rootPath } from "./support/source-files.ts";

const folder = mkdtempSync(join(tmpdir(), "faultline-report-"));
const page = join(folder, "report.html");
const BROWSERS = ["chromium", "chromium-browser", "google-chrome"];
const browser = BROWSERS.find((name) => spawnSync(name, ["--version"]).status === 0);
const PROFILES = "intel-xe-svm-nothp,nv-v100-pcie3-uvm";

beforeAll(() => {
  const argv = ["compare", "scenarios/clock/pipeline.yaml", "--profiles", PROFILES];
  const outputs = ["--html", page, "--figures", join(folder, "svg"), "--parquet", folder];
  execFileSync(process.execPath, ["packages/faultline/bin/faultline.mjs", ...argv, ...outputs], {
    cwd: rootPath,
    stdio: "ignore",
  });
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the browser without a window, network or profile; what it logs is in `log`. */
function browse(...flags: string[]): { out: string; log: string } {
  const all = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    `--user-data-dir=${join(folder, "profile")}`,
    "--enable-logging=stderr",
    ...flags,
  ];
  const { stdout, stderr } = spawnSync(browser ?? "", all, {
    encoding: "utf8",
    timeout: 120_000,
    maxBuffer: 2 ** 28,
  });
  return { out: stdout, log: stderr };
}

/** A picture of the page. */
function screenshot(name: string, ...flags: string[]): Buffer {
  const path = join(folder, name);
  browse("--window-size=1200,1600", `--screenshot=${path}`, ...flags, `file://${page}`);
  expect(existsSync(path), `${name} was not written`).toBe(true);
  return readFileSync(path);
}

/** Red, green and blue at the top left of a PNG: no filter changes the first pixel of all. */
function firstPixel(png: Buffer): number[] {
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") {
      data.push(png.subarray(at + 8, at + 8 + length));
    }
    at += length + 12;
  }
  return [...inflateSync(Buffer.concat(data)).subarray(1, 4)];
}

describe("a report in a browser", () => {
  test("has its figures and tables, and nothing on the console", ({ skip }) => {
    skip(browser === undefined, `there is none of ${BROWSERS.join(", ")}`);
    const { out, log } = browse("--dump-dom", `file://${page}`);
    // Console messages and violations of the page's policy are logged with the word CONSOLE.
    expect(log.split("\n").filter((line) => line.includes("CONSOLE"))).toEqual([]);
    expect(out.match(/<svg /g)).toHaveLength(13);
    expect(out.match(/<figure /g)).toHaveLength(13);
    for (const subject of [
      "latency-gpu0-read",
      "stages-cpu-write",
      "placement-",
      "links-",
      "machine",
    ]) {
      expect(out).toContain(`-${subject}`);
    }
    for (const text of [
      "Bytes by path",
      "Share of the time by stage and wait",
      "fault latency in us",
    ]) {
      expect(out).toContain(text);
    }
  });

  test("would not be silent about a page that is wrong", ({ skip }) => {
    skip(browser === undefined, `there is none of ${BROWSERS.join(", ")}`);
    const wrong = join(folder, "wrong.html");
    const html = readFileSync(page, "utf8");
    writeFileSync(
      wrong,
      html.replace("<h1>", '<script>alert()</script><img src="http://x/y"><h1>'),
    );
    const { log } = browse("--dump-dom", `file://${wrong}`);
    const told = log.split("\n").filter((line) => line.includes("CONSOLE"));
    expect(told.length).toBeGreaterThanOrEqual(2);
  });

  test("is drawn, light and dark", ({ skip }) => {
    skip(browser === undefined, `there is none of ${BROWSERS.join(", ")}`);
    const light = screenshot("light.png");
    const dark = screenshot("dark.png", "--blink-settings=preferredColorScheme=0");
    // A page without anything drawn on it would be a tenth of this.
    for (const image of [light, dark]) expect(image.length).toBeGreaterThan(50_000);
    expect([firstPixel(light), firstPixel(dark)]).toEqual([
      [0xff, 0xff, 0xff],
      [0x0d, 0x11, 0x17],
    ]);
  });
});

describe("tables in DuckDB", () => {
  async function rows(sql: string): Promise<Record<string, unknown>[]> {
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const reader = await connection.runAndReadAll(sql.replaceAll("{}", folder));
    return reader.getRowObjectsJson() as Record<string, unknown>[];
  }

  test("stages of each fault add up to its latency", async () => {
    const [row] = await rows(`
      SELECT count(*) AS faults, count(*) FILTER (sum_ps <> latency_ps) AS wrong
      FROM (SELECT any_value(latency_ps) AS latency_ps, sum(duration_ps) AS sum_ps
            FROM '{}/stages.parquet' JOIN '{}/faults.parquet' USING (scenario, profile, seed, fault)
            GROUP BY profile, fault)`);
    expect(row).toMatchObject({ wrong: "0" });
    expect(Number(row?.["faults"])).toBeGreaterThan(1000);
  });

  test("every migration that served a fault has one", async () => {
    const [row] = await rows(`
      SELECT count(*) AS migrations, count(f.fault) AS found
      FROM (SELECT * FROM '{}/migrations.parquet' WHERE fault >= 0)
      LEFT JOIN '{}/faults.parquet' f USING (scenario, profile, seed, fault)`);
    expect(row?.["found"]).toBe(row?.["migrations"]);
    expect(Number(row?.["found"])).toBeGreaterThan(0);
  });

  test("the queries of the documentation run", async () => {
    const docs = readFileSync(`${rootPath}docs/reports.md`, "utf8");
    const blocks = [...docs.matchAll(/```sql\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
    const queries = blocks
      .flatMap((block) => block.split(";"))
      .filter((query) => query.includes(".parquet'"));
    expect(queries.length).toBe(3);
    for (const query of queries) {
      expect(
        (await rows(query.replaceAll(/FROM '|JOIN '/g, (word) => `${word}{}/`))).length,
      ).toBeGreaterThan(0);
    }
  });
});
