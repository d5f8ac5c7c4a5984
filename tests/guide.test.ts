// The guide shows the files that it links to, and nothing else.
import { expect, test } from "vitest";
import { allFiles } from "./support/source-files.ts";

const guide = allFiles.find(({ path }) => path === "docs/guide.md")?.text ?? "";
const examples = allFiles.filter(({ path }) => /^scenarios\/guide\/.*\.yaml$/.test(path));

test("the guide has ten examples", () => {
  expect(examples).toHaveLength(10);
  expect(guide.match(/^```yaml$/gm)).toHaveLength(10);
});

test.each(examples)("$path is in the guide as it is, without its comment", ({ path, text }) => {
  const body = text.replaceAll(/^#.*\n/gm, "").trimEnd();
  expect(guide).toContain(`(../${path})\n\n\`\`\`yaml\n${body}\n\`\`\`\n`);
});
