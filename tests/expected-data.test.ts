// What every shipped scenario does is committed beside it, so that a change is a visible diff.
// To accept one after reading it: npx --no-install faultline run scenarios/*/*.yaml --update
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CapturedIo } from "../packages/faultline/src/testing/captured-io.ts";
import { runBuilt } from "../packages/faultline/src/testing/run-built.ts";
import { allFiles, rootPath } from "./support/source-files.ts";

const scenarios = allFiles.filter(({ path }) => {
  return (
    /^scenarios\/.*\.yaml$/.test(path) && !/^scenarios\/(?:machines|profiles|broken)\//.test(path)
  );
});

/** Reads the repository and keeps what would be written. */
class KeepingIo extends CapturedIo {
  override readonly readFile = (path: string): Uint8Array => readFileSync(rootPath + path);
}

describe("expected data", () => {
  test.each(scenarios)("$path does what it did before", async ({ path }) => {
    const { code, err, written } = await runBuilt(["run", path, "--update"], {}, new KeepingIo());
    expect([code, err]).toEqual([0, ""]);
    const [changed] = written;
    if (changed === undefined) return;
    const [file, text] = changed;
    expect(text).toBe(readFileSync(rootPath + file, "utf8"));
  });
});
