import { readFileSync } from "node:fs";
import { loadMachine } from "@faultline/platform";
import { expect, test } from "vitest";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { addImportCommand } from "./import.ts";

const url = new URL("../../../../scenarios/imports/four-gpus.txt", import.meta.url);
const text = readFileSync(url, "utf8");

function run(...argv: string[]): Promise<Ran> {
  return runCommand(addImportCommand, ["import", ...argv], { "four.txt": text, "bad.txt": "?" });
}

test("a document is printed below what it assumes, and loads", async () => {
  const { code, out, err } = await run("nvidia-smi", "four.txt", "--gpu-memory", "80GiB");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^# From four\.txt\.\n# Assumed: cpu: the file does not say/);
  const { document, diagnostics } = loadMachine(out, "m.yaml");
  expect(diagnostics).toEqual([]);
  expect(document?.devices[0]?.memory?.size).toBe("80GiB");
});

test("as data it comes with the facts of the file", async () => {
  const { out } = await run("nvidia-smi", "four.txt", "--json");
  const shown = JSON.parse(out) as { facts: { gpuCount: number }; assumptions: string[] };
  expect(shown.facts.gpuCount).toBe(4);
  expect(shown.assumptions.length).toBeGreaterThan(2);
});

test("a text that is something else is bad input, as data too", async () => {
  const { code, out, err } = await run("nvidia-smi", "bad.txt");
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain("bad.txt:1:1 error E_IMPORT_FORMAT: no line names the GPUs");
  const asData = await run("numactl", "bad.txt", "--json");
  expect(asData.code).toBe(2);
  expect(JSON.parse(asData.out)).toMatchObject({
    machine: null,
    diagnostics: [{ code: "E_IMPORT_FORMAT" }],
  });
  expect((await run("nccl", "nowhere.xml")).code).toBe(2);
});

test("options of traces are refused for machines, and the other way round", async () => {
  const wrong = await run("nvidia-smi", "four.txt", "--as", "scenario", "--json");
  expect([wrong.code, JSON.parse(wrong.out)]).toMatchObject([
    2,
    { diagnostics: [{ code: "E_OPTION_INVALID", message: "--as is for traces" }] },
  ]);
  const other = await run("lackey", "bad.txt", "--gpu-memory", "1GiB");
  expect([other.code, other.out]).toEqual([2, ""]);
  expect(other.err).toContain("--gpu-memory is for machines");
});
