// The scale benchmark: 8 GiB and their memory per page, and a line of the study.
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

test("bench:scale has a verdict beside every curve", () => {
  const args = ["run", "--silent", "bench:scale", "--", "--filter", "processes/sh", "--json"];
  const output = execFileSync("npm", args, { cwd: rootPath, stdio: "pipe" }).toString();
  const { axes } = JSON.parse(output) as {
    readonly axes: readonly {
      readonly name: string;
      readonly curves: Readonly<Record<string, { readonly exponent: number; verdict: string }>>;
    }[];
  };
  expect(axes.map(({ name }) => name)).toEqual(["processes/sharers"]);
  const { ns, work } = axes[0]?.curves ?? {};
  expect(ns?.verdict).toMatch(/^(?:as expected|grows faster)$/);
  expect(work).toMatchObject({ verdict: "as expected" });
  expect(work?.exponent).toBeCloseTo(1, 6);
});
