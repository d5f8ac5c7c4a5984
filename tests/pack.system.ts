// The packages as their users get them: packed, installed into an empty project, compiled, run.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rootPath } from "./support/source-files.ts";

const names = readdirSync(`${rootPath}packages`).sort();

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const folder = mkdtempSync(join(tmpdir(), "faultline-pack-"));
const project = join(folder, "project");
const packed = new Map<string, Packed>();

function npm(args: readonly string[], cwd: string): string {
  return execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

beforeAll(() => {
  for (const name of names) {
    const args = ["pack", "--json", "--pack-destination", folder, "--ignore-scripts"];
    const answer = JSON.parse(npm(args, `${rootPath}packages/${name}`)) as unknown;
    const [one] = Array.isArray(answer) ? (answer as Packed[]) : Object.values(answer as object);
    packed.set(name, one as Packed);
  }
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module", private: true }));
  const tarballs = names.map((name) => join(folder, packed.get(name)?.filename ?? ""));
  npm(["install", "--ignore-scripts", "--prefer-offline", "--no-audit", ...tarballs], project);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true }));

/** The settings of a strict user who checks our declarations too. */
function userConfig(name: string): object {
  const files = [`${name}.ts`];
  const lib = ["es2023", "dom"];
  const compilerOptions = { strict: true, module: "nodenext", target: "es2023", lib, types: [] };
  return { files, compilerOptions: { ...compilerOptions, skipLibCheck: false } };
}

/** Compiles and runs a program as `NAME.ts` of the empty project; returns what it prints. */
function runInProject(name: string, program: string): string {
  writeFileSync(join(project, `${name}.ts`), program);
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(userConfig(name)));
  const tsc = join(rootPath, "node_modules/.bin/tsc");
  try {
    execFileSync(tsc, ["-p", project], { encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const { stdout } = error as { stdout: string };
    throw new Error(`${name}.ts does not compile:\n${stdout}`, { cause: error });
  }
  return execFileSync(process.execPath, [`${name}.js`], { cwd: project, encoding: "utf8" });
}

describe.each(names)("%s", (name) => {
  test("packs its build, sources and licence, and no test", () => {
    const paths = packed.get(name)?.files.map(({ path }) => path) ?? [];
    for (const needed of ["LICENSE", "dist/index.js", "dist/index.d.ts", "src/index.ts"]) {
      expect(paths).toContain(needed);
    }
    expect(paths.filter((path) => /\.(?:test|system|long)\./.test(path))).toEqual([]);
    expect(paths.filter((path) => path.endsWith(".tsbuildinfo"))).toEqual([]);
  });

  test("has a package.json without mistakes", async () => {
    const { messages } = await publint({ pkgDir: `${rootPath}packages/${name}`, strict: true });
    expect(messages.map(({ code, path }) => `${path.join(".")}: ${code}`)).toEqual([]);
  });

  test("packs no leftover of a source that is gone", () => {
    const paths = new Set(packed.get(name)?.files.map(({ path }) => path));
    const built = [...paths].filter((path) => path.startsWith("dist/") && path.endsWith(".js"));
    const source = (path: string): string => path.replace(/^dist/, "src").replace(/js$/, "ts");
    expect(built.filter((path) => !paths.has(source(path)))).toEqual([]);
  });

  test("is imported and type-checked in an empty project", () => {
    const specifier = name === "faultline" ? name : `@faultline/${name}`;
    const program = [
      `import * as all from "${specifier}";`,
      "const nrExports: number = Object.keys(all).length;",
      "console.log(nrExports);",
    ];
    const output = runInProject(name, program.join("\n"));
    expect(Number(output)).toBeGreaterThan(0);
  });
});

test("the installed command prints its version", () => {
  const { version } = JSON.parse(readFileSync(`${rootPath}package.json`, "utf8")) as {
    version: string;
  };
  const output = npm(["exec", "--no", "--", "faultline", "--version"], project);
  expect(output.trim()).toBe(version);
});

const quickstart = readFileSync(`${rootPath}scenarios/quickstart.yaml`, "utf8");

/** A child of a process, a device's look at its memory, and a scenario from a text. */
const libraryProgram = `
import { HmmRange, PROT_READ, PROT_WRITE, World } from "faultline";
import { type TaskStruct, cpuAccess, hmmRangeFault, runToCompletion, sysFork } from "faultline";
import { type ScenarioRun, loadScenario, runScenario, sysMmap } from "faultline";

const world: World = new World();
const parent: TaskStruct = world.createTask(0);
const heap = { start: 0x100000, nrPages: 2, prot: PROT_READ | PROT_WRITE, shared: false };
runToCompletion(sysMmap(world, parent, heap));
const access: number = cpuAccess(world, parent, heap.start, true);
const child = runToCompletion(sysFork(world, parent));
if (typeof child === "number") throw new Error("fork failed");
const range = new HmmRange({ mm: child.mm, start: heap.start, end: heap.start + 1 });
const snapshot = hmmRangeFault(world, child, range);
console.log(access, snapshot, child.mm !== parent.mm);

const text: string = ${JSON.stringify(quickstart)};
const { plan, diagnostics } = loadScenario(text, "quickstart.yaml");
if (plan === null) throw new Error("no plan: " + String(diagnostics.length));
const run: ScenarioRun = runScenario(plan);
console.log("quickstart", run.passed);
`;

describe("the library", () => {
  const readme = readFileSync(`${rootPath}README.md`, "utf8");
  const [, program = "", printed = ""] =
    /^```ts run\n([\s\S]*?)^```\n[\s\S]*?^```text\n([\s\S]*?)^```/m.exec(readme) ?? [];

  test("runs the program of the README, which has at most 15 lines", () => {
    const lines = program.trimEnd().split("\n");
    expect(lines[0]).toContain('from "faultline"');
    expect(lines.length).toBeLessThanOrEqual(15);
    expect(runInProject("readme", program)).toBe(printed);
  });

  test("gives the memory model, the kernel's verbs and scenarios under one name", () => {
    const output = runInProject("library", libraryProgram);
    expect(output.trimEnd().split("\n")).toEqual(["0 0 true", "quickstart true"]);
  });
});
