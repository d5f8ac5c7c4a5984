// docs/results.md says what the benchmarks say today: some of its rows are made again.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runBuilt } from "../packages/faultline/src/testing/run-built.ts";
import { rootPath } from "./support/source-files.ts";

const page = readFileSync(`${rootPath}docs/results.md`, "utf8");
const PROFILE = "intel-xe-svm-thp";

describe("docs/results.md", () => {
  test(`has the rows of ${PROFILE} that \`npm run results\` would write`, async () => {
    const argv = ["bench", "--profiles", PROFILE, "--markdown"];
    const { code, out } = await runBuilt(argv);
    expect(code).toBe(0);
    const rows = out.split("\n").filter((line) => line.startsWith(`| ${PROFILE} |`));
    expect(rows.length).toBe(8);
    for (const row of rows) expect(page).toContain(row);
  });

  test.each([
    ["rdma", ["--profiles", PROFILE, "--machines", "switch", "--designs", "7.2,v2-pmd"]],
    ["designs", ["--machines", "xe", "--drivers", "vendor", "--designs", "owner-groups"]],
  ])("has the cells of %s that it would write", async (name, some) => {
    const cells = readFileSync(`${rootPath}docs/results/${name}.jsonl`, "utf8").split("\n");
    const argv = ["bench", name, ...some, "-o", "cells.jsonl"];
    const { code, writtenBytes } = await runBuilt(argv);
    const own = new TextDecoder().decode(writtenBytes.get("cells.jsonl")).trim().split("\n");
    expect(code).toBe(0);
    for (const line of own) expect(cells).toContain(line);
  });
});
