// The pages about every export can be made, and no link of a doc comment leads nowhere:
// typedoc.json makes errors of its warnings.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rootPath } from "./support/source-files.ts";

test("the pages about every export are made without a warning", { timeout: 600_000 }, () => {
  const out = mkdtempSync(join(tmpdir(), "faultline-api-docs-"));
  const typedoc = `${rootPath}node_modules/typedoc/bin/typedoc`;
  execFileSync(process.execPath, [typedoc, "--out", out], { cwd: rootPath, stdio: "pipe" });
  expect(existsSync(join(out, "index.html"))).toBe(true);
  const nrPackages = readdirSync(`${rootPath}packages`).length;
  expect(readdirSync(join(out, "modules"))).toHaveLength(nrPackages);
  rmSync(out, { recursive: true });
});
