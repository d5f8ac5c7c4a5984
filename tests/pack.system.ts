// The packages as their users get them: packed, installed into an empty project, compiled, run.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rootPath } from "./support/source-files.ts";

const names = ["core", "engine", "stacks", "diagnostics", "scenario", "conformance", "faultline"];

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
      "export const nrExports: number = Object.keys(all).length;",
    ];
    writeFileSync(join(project, `${name}.ts`), program.join("\n"));
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify(userConfig(name)));
    execFileSync(join(rootPath, "node_modules/.bin/tsc"), ["-p", project], { stdio: "pipe" });
    const script = `import("./${name}.js").then(({ nrExports }) => console.log(nrExports))`;
    const output = execFileSync(process.execPath, ["-e", script], { cwd: project });
    expect(Number(output.toString())).toBeGreaterThan(0);
  });
});

test("the program of the README compiles in an empty project and prints what it says", () => {
  const readme = readFileSync(`${rootPath}README.md`, "utf8");
  const [, program = "", printed = ""] =
    /^```ts run\n([\s\S]*?)^```\n[\s\S]*?^```text\n([\s\S]*?)^```/m.exec(readme) ?? [];
  expect(program.trim().split("\n").length).toBeLessThanOrEqual(15);
  writeFileSync(join(project, "readme.ts"), program);
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(userConfig("readme")));
  execFileSync(join(rootPath, "node_modules/.bin/tsc"), ["-p", project], { stdio: "pipe" });
  const output = execFileSync(process.execPath, ["readme.js"], { cwd: project });
  expect(output.toString()).toBe(printed);
});

test("the installed command prints its version", () => {
  const { version } = JSON.parse(readFileSync(`${rootPath}package.json`, "utf8")) as {
    version: string;
  };
  const output = npm(["exec", "--no", "--", "faultline", "--version"], project);
  expect(output.trim()).toBe(version);
});
