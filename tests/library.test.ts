// The page about the library shows the programs that it links to, as they are, and each of them is
// shown; `docs.test.ts` runs what the page shows and compares what it prints.
import { describe, expect, test } from "vitest";
import { allFiles } from "./support/source-files.ts";

const page = allFiles.find(({ path }) => path === "docs/library.md")?.text ?? "";
const examples = allFiles.filter(({ path }) => /^packages\/faultline\/examples\/.*$/.test(path));

describe("the examples of the library", () => {
  test("are there", () => {
    expect(examples.length).toBeGreaterThan(3);
  });

  test.each(examples)("$path is in docs/library.md as it is, with what it prints", (example) => {
    const { path, text } = example;
    const shown = `(../${path})`;
    expect(page).toContain(shown);
    const block = page.slice(page.indexOf(shown));
    const printed = /^\S*\s+```ts run\n([\s\S]*?)```\n\nprints\n\n```text\n/.exec(block);
    expect(printed?.[1]).toBe(text);
  });

  test.each(examples)("$path imports nothing but the library", ({ text }) => {
    const modules = [...text.matchAll(/^(?:import|export)[\s\S]*?from "([^"]+)"/gm)];
    expect([...new Set(modules.map((match) => match[1]))]).toEqual(["faultline"]);
  });
});
