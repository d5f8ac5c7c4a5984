// The documentation is true: links lead somewhere, and what is marked as runnable runs.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { posix } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import type { SourceFile } from "./support/source-files.ts";
import { allFiles, rootPath } from "./support/source-files.ts";

interface CodeBlock {
  readonly path: string;
  readonly line: number;
  readonly info: string;
  readonly code: string;
}

const pages = allFiles.filter(({ path }) => path.endsWith(".md"));

/** The fenced blocks of a page; ```` ```sh run ```` marks one as runnable. */
function codeBlocks({ path, text }: SourceFile): CodeBlock[] {
  const fences = /^```([^\n]*)\n([\s\S]*?)^```/gm;
  return [...text.matchAll(fences)].map((match) => ({
    path,
    line: text.slice(0, match.index).split("\n").length,
    info: (match[1] ?? "").trim(),
    code: match[2] ?? "",
  }));
}

const blocks = pages.flatMap(codeBlocks);
const shell = blocks.filter(({ info }) => info === "sh run");
const programs = blocks.filter(({ info }) => info === "ts run");

/** Runs a program as a user would, on the build that `npm test` has just made. */
function runProgram({ path, line, code }: CodeBlock): string {
  const folder = `${rootPath}node_modules/.cache/faultline-docs`;
  mkdirSync(folder, { recursive: true });
  const file = `${folder}/${path.replaceAll(/\W/g, "-")}-${line}.mjs`;
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 };
  writeFileSync(file, ts.transpileModule(code, { compilerOptions }).outputText);
  return execFileSync(process.execPath, [file], { cwd: rootPath, stdio: "pipe" }).toString();
}

/** What `npx --no-install` starts, without npm, which takes as long to start as most commands. */
const DIRECTLY = `npx() { shift; PATH="$PWD/node_modules/.bin:$PATH" "$@"; }
`;

/** Runs commands in the root of the repository. */
function runShell({ code }: CodeBlock, before = DIRECTLY): string {
  const env = { ...process.env, NO_COLOR: "1" };
  const line = ["-ec", before + code];
  return execFileSync("bash", line, { cwd: rootPath, env, stdio: "pipe" }).toString();
}

const outputs = new Map<CodeBlock, string>();

/** What a block prints; each is run once, however many tests look at it. */
function outputOf(block: CodeBlock): string {
  const known = outputs.get(block);
  if (known !== undefined) return known;
  const printed = block.info === "ts run" ? runProgram(block) : runShell(block);
  outputs.set(block, printed);
  return printed;
}

describe("runnable commands", () => {
  test("there are some", () => {
    expect(shell.length).toBeGreaterThan(0);
  });

  test("npx itself starts what it is said to start", () => {
    const [block] = shell.filter(({ code }) => code.startsWith("npx --no-install"));
    expect(block).toBeDefined();
    if (block !== undefined) expect(runShell(block, "")).toBe(outputOf(block));
  });

  test.each(shell)("$path:$line runs", { timeout: 120_000 }, (block) => {
    expect(outputOf(block)).not.toBe("");
  });
});

describe.runIf(programs.length > 0)("runnable programs", () => {
  test.each(programs)("$path:$line runs", { timeout: 120_000 }, (program) => {
    expect(outputOf(program)).not.toBe("");
  });
});

describe("quoted output", () => {
  const runnable = new Set([...shell, ...programs]);
  const quoted = blocks.flatMap((block, at) => {
    const before = blocks[at - 1];
    if (block.info !== "text" || before === undefined) return [];
    if (before.path !== block.path || !runnable.has(before)) return [];
    return [{ ...block, before }];
  });

  test("there is some", () => {
    expect(quoted.length).toBeGreaterThan(0);
  });

  test.each(quoted)("$path:$line is what the block before it prints", ({ code, before }) => {
    expect(outputOf(before).trim()).toBe(code.trim());
  });
});

describe("pages", () => {
  test("every relative link leads to a file", () => {
    const broken = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
        .map((match) => match[1] ?? "")
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => !existsSync(rootPath + posix.join(posix.dirname(path), target)))
        .map((target) => `${path}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test("every page of docs/ is listed in docs/README.md", () => {
    const index = pages.find(({ path }) => path === "docs/README.md")?.text ?? "";
    const missing = pages
      .filter(({ path }) => /^docs\/[^/]+\.md$/.test(path) && path !== "docs/README.md")
      .filter(({ path }) => !index.includes(`(${posix.basename(path)})`));
    expect(missing.map(({ path }) => path)).toEqual([]);
  });

  test("packages/faultline/README.md lists exactly the commands that exist", () => {
    const bin = `${rootPath}packages/faultline/bin/faultline.mjs`;
    const help = execFileSync(process.execPath, [bin, "--help"], { stdio: "pipe" }).toString();
    const commands = help.slice(help.indexOf("Commands:"), help.indexOf("Exit codes:"));
    const existing = [...commands.matchAll(/^ {2}([a-z]\S*)/gm)].map((match) => match[1]);
    const page = pages.find(({ path }) => path === "packages/faultline/README.md")?.text ?? "";
    const listed = [...page.matchAll(/^\| `faultline ([a-z]+)/gm)].map((match) => match[1]);
    expect([...new Set(listed)].toSorted()).toEqual(existing.toSorted());
  });

  test("every npm script that a page names exists", () => {
    const manifest = allFiles.find(({ path }) => path === "package.json")?.text ?? "{}";
    const { scripts } = JSON.parse(manifest) as { scripts: Record<string, string> };
    const unknown = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/`npm run ([\w:-]+)/g)]
        .map((match) => match[1] ?? "")
        .filter((name) => scripts[name] === undefined)
        .map((name) => `${path}: npm run ${name}`),
    );
    expect(unknown).toEqual([]);
  });
});
