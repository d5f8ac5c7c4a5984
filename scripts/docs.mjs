// Writes the pages of docs/ that are derived from the code; run it after `npm run build`.
// With --check it writes nothing, names the pages that are out of date and exits with 1.
import { readFileSync, writeFileSync } from "node:fs";
import { diagnosticsPage } from "@faultline/diagnostics";
import { glossaryPage } from "./glossary.mjs";
import { openQuestionsPage } from "./open-questions.mjs";

const pages = new Map([
  ["docs/diagnostics.md", diagnosticsPage()],
  ["docs/glossary.md", glossaryPage()],
  ["docs/open-questions.md", openQuestionsPage()],
]);

for (const [path, page] of pages) {
  const place = new URL(`../${path}`, import.meta.url);
  if (!process.argv.includes("--check")) writeFileSync(place, page);
  else if (readFileSync(place, "utf8") !== page) {
    console.error(`${path} is out of date: run \`npm run docs\``);
    process.exitCode = 1;
  }
}
