// The scale benchmark on a part of its 1 TiB: its result's shape, and its memory per page.
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { rootPath } from "./support/source-files.ts";

const GIB = 8;
const PAGES = (GIB * 2 ** 30) / 4096;
/** 1 TiB shall fit into 8 GiB. */
const MAX_BYTES_PER_PAGE = 32;

test(`bench:scale populates ${GIB} GiB within its memory`, () => {
  const args = ["run", "--silent", "bench:scale", "--", "--gib", String(GIB), "--json"];
  const output = execFileSync("npm", args, { cwd: rootPath, stdio: "pipe" }).toString();
  const result = JSON.parse(output) as Record<string, number>;
  const fields = ["bytesPerPage", "gib", "hostGib", "nsPerPage", "pages", "peakRssGib", "seconds"];
  expect(Object.keys(result).sort()).toEqual(fields);
  expect(result).toMatchObject({ gib: GIB, pages: PAGES });
  expect(result["bytesPerPage"]).toBeGreaterThan(0);
  expect(result["bytesPerPage"]).toBeLessThanOrEqual(MAX_BYTES_PER_PAGE);
});
