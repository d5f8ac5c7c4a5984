// docs/matrix.md: its queries find in its Parquet file what it shows, and cells run again say the
// same.
import { readFileSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";
import { expect, test } from "vitest";
import { runBuilt } from "../packages/faultline/src/testing/run-built.ts";
import { rootPath } from "./support/source-files.ts";

const page = readFileSync(`${rootPath}docs/matrix.md`, "utf8");
const parquet = `${rootPath}docs/matrix/matrix.parquet`;

async function ask(sql: string): Promise<string[][]> {
  const database = await DuckDBInstance.create(":memory:");
  const connection = await database.connect();
  const answer = await connection.runAndReadAll(sql.replaceAll("matrix.parquet", parquet));
  const rows = answer.getRowsJson().map((row) => {
    return row.map((cell) => (typeof cell === "string" ? cell : JSON.stringify(cell)));
  });
  connection.closeSync();
  return [answer.columnNames(), ...rows];
}

const queries = [...page.matchAll(/```sql\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)];

test("the page has queries, and each answers what stands below it", async () => {
  expect(queries.length).toBe(2);
  for (const [, sql = "", shown = ""] of queries) {
    const lines = shown.trim().split("\n");
    const words = lines.map((line) => line.trim().split(/ {2,}/));
    expect(await ask(sql)).toEqual(words);
  }
});

test("every cell says how many faults it has, or why it cannot be", async () => {
  const wrong = `SELECT count(*) FROM 'matrix.parquet' WHERE note IS NULL AND
    (result <> 'ok' OR p99Ps IS NULL OR nrFaults < 100)`;
  expect((await ask(wrong))[1]).toEqual(["0"]);
});

test("cells that run again are those of the file", async () => {
  const some = ["--noises", "quiet,munmap", "--places", "local", "--sizes", "4KiB"];
  const argv = ["bench", "full", "--profiles", "intel-xe-svm-thp", "--accesses", "read", ...some];
  const { code, writtenBytes } = await runBuilt([...argv, "-o", "cells.jsonl"]);
  expect(code).toBe(0);
  const lines = new TextDecoder().decode(writtenBytes.get("cells.jsonl")).trim().split("\n");
  for (const line of lines) {
    const cell = JSON.parse(line) as { noise: string; p50Ps: number; digest: string };
    const kept = await ask(`SELECT p50Ps, digest FROM 'matrix.parquet' WHERE noise = '${cell.noise}'
      AND profile = 'intel-xe-svm-thp' AND access = 'read' AND size = '4KiB' AND place = 'local'`);
    expect([Number(kept[1]?.[0]), kept[1]?.[1]]).toEqual([cell.p50Ps, cell.digest]);
  }
});
