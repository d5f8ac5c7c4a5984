// What users see when something is wrong: broken profiles, and command lines with broken files of
// every other kind. To accept changed messages after reading them: FAULTLINE_UPDATE=1 npx vitest …
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { diagnosticCodes, renderDiagnostics, SourceText } from "@faultline/diagnostics";
import { loadProfile } from "@faultline/profiles";
import { describe, expect, test } from "vitest";
import { main } from "../packages/faultline/src/main.ts";
import { CapturedIo } from "../packages/faultline/src/testing/captured-io.ts";
import { rootPath } from "./support/source-files.ts";

const folder = "scenarios/broken/";

/** Texts of the files below the folder that end like this. */
function textsOf(ending: string): { readonly path: string; readonly text: string }[] {
  const names = readdirSync(rootPath + folder, { recursive: true, encoding: "utf8" });
  const found = names.filter((name) => name.endsWith(ending)).map((name) => folder + name);
  return found.map((path) => ({ path, text: readFileSync(rootPath + path, "utf8") }));
}

const profiles = textsOf(".yaml").filter(({ path }) => path.startsWith(`${folder}profiles/`));
const commands = textsOf(".txt").filter(({ path }) => path.startsWith(`${folder}commands/`));

/** The streams of a run in the root of the repository, of which nothing is written. */
class RootIo extends CapturedIo {
  override readonly readFile = (path: string): Uint8Array => readFileSync(rootPath + path);
  override readonly writeFile = (path: string): void => {
    throw Object.assign(new Error(path), { code: "ENOENT" });
  };
}

describe("broken profiles", () => {
  test.each(profiles)("$path says what is wrong with it", ({ path, text }) => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const { profile, diagnostics } = loadProfile(text, name);
    expect(profile).toBeNull();
    const sources = new Map([[name, new SourceText(name, text)]]);
    const shown = `${renderDiagnostics(diagnostics, { sources }).trimEnd()}\n`;
    expectText(path.replace(/\.yaml$/, ".expected.txt"), shown);
  });
});

describe("command lines with something broken", () => {
  test.each(commands)("$path ends with code 2 and says why", async ({ path, text }) => {
    const [line = ""] = text.split("\n");
    const io = new RootIo();
    const code = await main(wordsOf(line.replace(/^\$ faultline /, "")), io);
    expect(code).toBe(2);
    // What JSON.parse() says is another in every Node.
    const err = io.err.replaceAll(/(not a line of JSON): .*/g, "$1");
    expectText(path, `${line}\n${err.trimEnd()}\n`);
  });
});

test("every code of docs/diagnostics.md has a file that shows it", () => {
  const shown = textsOf(".txt")
    .map(({ text }) => text)
    .join("\n");
  expect(diagnosticCodes.filter((code) => !shown.includes(` ${code}: `))).toEqual([]);
});

/** Words of a command line; apostrophes keep some together. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

function expectText(path: string, shown: string): void {
  const full = `${rootPath}${path}`;
  if (process.env.FAULTLINE_UPDATE === "1") writeFileSync(full, shown);
  expect(shown).toBe(readFileSync(full, "utf8"));
}
