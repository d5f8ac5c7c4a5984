// The rules of the house, each a test that names file and line of what breaks it.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { DIAGNOSTIC_CODES, diagnosticCodes, diagnosticsPage } from "@faultline/diagnostics";
import { describe, expect, test } from "vitest";
import { glossaryPage } from "../scripts/glossary.mjs";
import { openQuestionsPage } from "../scripts/open-questions.mjs";
import { findCycles } from "./support/import-graph.ts";
import { ownPackage, packageName, packageRules, testPackages } from "./support/package-rules.ts";
import type { SourceFile } from "./support/source-files.ts";
import {
  allFiles,
  codeFiles,
  isTest,
  packageFiles,
  packageOf,
  rootPath,
} from "./support/source-files.ts";
import { functionsOf, functionsTagged, importsOf, stringsLike, usesOf } from "./support/syntax.ts";

const MAX_FILE_LINES = 500;
const MAX_FUNCTION_LINES = 70;
const MAX_COLUMNS = 100;
const MAX_HEADER_LINES = 10;

/** Tables of data may be longer than a file of code. */
const isDataTable = (path: string): boolean => path.endsWith("-data.ts");

const sources = packageFiles.filter(({ path }) => !isTest(path));
const kernelModel = sources.filter(({ path }) => /^packages\/(?:core|engine)\//.test(path));
const modelled = sources.filter(({ path }) =>
  /^packages\/(?:core|engine|stacks|platform)\//.test(path),
);

/** The name that a function of the kernel has here: camel case, without leading underscores. */
function convertedName(kernelName: string): string {
  return kernelName
    .replace(/^_+/, "")
    .replace(/_+(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Collects one line per offence over `files`; a rule that holds gives an empty list. */
function offences(files: readonly SourceFile[], find: (file: SourceFile) => string[]): string[] {
  return files.flatMap((file) => find(file).map((offence) => `${file.path}${offence}`));
}

/** The number of the line that holds an offset, from 1. */
function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

describe("imports", () => {
  test("every package has a rule, and its rule agrees with its package.json", () => {
    const packages = new Set(sources.map(({ path }) => packageOf(path)));
    expect(
      [...packages].filter((name) => name === null || packageRules[name] === undefined),
    ).toEqual([]);
    for (const [name, rule] of Object.entries(packageRules)) {
      const folder = name === "bench" ? "bench" : `packages/${name}`;
      const json = JSON.parse(readFileSync(`${rootPath}${folder}/package.json`, "utf8")) as {
        dependencies?: Record<string, string>;
      };
      const allowed = [...rule.ours.map((own) => `@faultline/${own}`), ...rule.others];
      const declared = Object.keys(json.dependencies ?? {});
      const message = `${folder}/package.json depends on what the import rules do not allow`;
      expect(
        declared.filter((dependency) => !allowed.includes(dependency)),
        message,
      ).toEqual([]);
    }
  });

  test("packages import only those below them, by name, never by a path inside", () => {
    const found = offences(packageFiles, (file) => {
      const rule = packageRules[packageOf(file.path) ?? ""];
      if (rule === undefined) return [": is in no known package"];
      return importsOf(file).flatMap(({ specifier, line }) => {
        if (specifier.startsWith(".") || specifier.startsWith("node:")) return [];
        const name = packageName(specifier);
        const own = ownPackage(name);
        if (own === null) {
          const mayTest = isTest(file.path) || file.path.includes("/test-kit/");
          const allowed = mayTest ? [...rule.others, ...testPackages] : rule.others;
          return allowed.includes(name) ? [] : [`:${line} imports ${specifier}`];
        }
        if (specifier !== name) return [`:${line} imports a path inside a package: ${specifier}`];
        return rule.ours.includes(own) ? [] : [`:${line} may not import ${specifier}`];
      });
    });
    expect(found).toEqual([]);
  });

  test("only tests and test kits import a test kit", () => {
    const shipped = sources.filter(({ path }) => !path.includes("/test-kit/"));
    const found = offences(shipped, (file) =>
      importsOf(file)
        .filter(({ specifier }) => specifier.includes("/test-kit/"))
        .map(({ specifier, line }) => `:${line} imports ${specifier}`),
    );
    expect(found).toEqual([]);
  });

  test("relative imports name a .ts file and stay inside their package", () => {
    const found = offences(packageFiles, (file) =>
      importsOf(file).flatMap(({ specifier, line }) => {
        if (!specifier.startsWith(".")) return [];
        // Tests that compute much take their package from its build.
        if (isTest(file.path) && /^(?:\.\.\/)+dist\/[\w-]+\.js$/.test(specifier)) return [];
        const target = posix.join(posix.dirname(file.path), specifier);
        if (!specifier.endsWith(".ts")) return [`:${line} does not end in .ts: ${specifier}`];
        const isInside = packageOf(target) === packageOf(file.path);
        return isInside ? [] : [`:${line} leaves its package: ${specifier}`];
      }),
    );
    expect(found).toEqual([]);
  });

  test("no file imports itself through others", () => {
    const graph = new Map(
      packageFiles.map((file): [string, string[]] => [
        file.path,
        importsOf(file)
          .filter(({ specifier, isTypeOnly }) => specifier.startsWith(".") && !isTypeOnly)
          .map(({ specifier }) => posix.join(posix.dirname(file.path), specifier)),
      ]),
    );
    expect(findCycles(graph).map((cycle) => cycle.join(" -> "))).toEqual([]);
  });

  test("node: modules and Node's globals are used only where the rules allow", () => {
    const globals = new Set(["process", "Buffer", "setImmediate", "__dirname", "require"]);
    const inBrowser = sources.filter(({ path }) => {
      const allowed = packageRules[packageOf(path) ?? ""]?.node ?? false;
      return typeof allowed === "boolean" ? !allowed : !allowed.test(path);
    });
    const found = offences(inBrowser, (file) => [
      ...importsOf(file)
        .filter(({ specifier }) => specifier.startsWith("node:"))
        .map(({ specifier, line }) => `:${line} imports ${specifier}`),
      ...usesOf(file, globals).map(({ text, line }) => `:${line} uses ${text}`),
    ]);
    expect(found).toEqual([]);
  });

  test("scenario has at most one file that uses Node", () => {
    const files = sources.filter(({ path }) => /^packages\/scenario\/.*-node\.ts$/.test(path));
    expect(files.length).toBeLessThanOrEqual(1);
  });
});

describe("size", () => {
  test(`no file is longer than ${MAX_FILE_LINES} lines`, () => {
    const files = codeFiles.filter(({ path }) => !isDataTable(path));
    const found = offences(files, ({ text }) => {
      const nrLines = text.split("\n").length - 1;
      return nrLines > MAX_FILE_LINES ? [`:${MAX_FILE_LINES} has ${nrLines} lines`] : [];
    });
    expect(found).toEqual([]);
  });

  test(`no function is longer than ${MAX_FUNCTION_LINES} lines`, () => {
    const found = offences(codeFiles, (file) =>
      functionsOf(file)
        .filter(({ nrLines, isSuite }) => nrLines > MAX_FUNCTION_LINES && !isSuite)
        .map(({ name, line, nrLines }) => `:${line} ${name} has ${nrLines} lines`),
    );
    expect(found).toEqual([]);
  });

  test(`no line is wider than ${MAX_COLUMNS} columns`, () => {
    const found = offences(codeFiles, ({ text }) =>
      text.split("\n").flatMap((line, at) => {
        const width = Array.from(line).length;
        return width > MAX_COLUMNS ? [`:${at + 1} has ${width} columns`] : [];
      }),
    );
    expect(found).toEqual([]);
  });

  test("every source opens with a header comment that says what it models, in few lines", () => {
    const found = offences(sources, ({ text }) => {
      const header = /^(?:\/\/.*\n)+|^\/\*[\s\S]*?\*\/\n/.exec(text)?.[0];
      if (header === undefined) return [":1 has no header comment"];
      const nrLines = header.split("\n").length - 1;
      return nrLines > MAX_HEADER_LINES ? [`:1 has a header of ${nrLines} lines`] : [];
    });
    expect(found).toEqual([]);
  });
});

describe("determinism and vocabulary", () => {
  test("nothing on the way to a result reads a clock or an unseeded generator", () => {
    const names = new Set(["Math.random", "Date", "Date.now", "performance", "performance.now"]);
    names.add("crypto").add("setTimeout").add("setInterval").add("queueMicrotask");
    const files = sources.filter(({ path }) => !/^(?:packages\/faultline|bench)\//.test(path));
    const found = offences(files, (file) =>
      usesOf(file, names).map(({ text, line }) => `:${line} uses ${text}`),
    );
    expect(found).toEqual([]);
  });

  test("nothing on the way to a result uses mathematics that differs between machines", () => {
    const names = new Set([
      "pow",
      "exp",
      "expm1",
      "log",
      "log2",
      "log10",
      "log1p",
      "cbrt",
      "hypot",
    ]);
    const inexact = new Set([...names, "sin", "cos", "tan"].map((name) => `Math.${name}`));
    const found = offences(
      sources.filter(({ path }) => /^packages\/(?:core|engine|stacks|sim|scenario)\//.test(path)),
      (file) => usesOf(file, inexact).map(({ text, line }) => `:${line} uses ${text}`),
    );
    expect(found).toEqual([]);
  });

  test("no file names a package registry or a path of somebody's machine", () => {
    // The patterns are put together from pieces, so that this file does not offend.
    const pieces = [
      ["registry", "npmjs"],
      ["npmjs", "org"],
      ["registry", "yarnpkg"],
      ["npm", "pkg\\.github"],
    ];
    const hosts = pieces.map((words) => words.join("\\."));
    const folders = ["work", "root", "home", "Users"].map((word) => `(?<![\\w.~$}])/${word}/\\w`);
    const banned = new RegExp([...hosts, ...folders].join("|"), "g");
    const found = offences(allFiles, ({ text }) =>
      [...text.matchAll(banned)].map((match) => `:${lineAt(text, match.index)} names ${match[0]}`),
    );
    expect(found).toEqual([]);
  });

  test("the lock file holds no download address", () => {
    const lock = JSON.parse(readFileSync(`${rootPath}package-lock.json`, "utf8")) as {
      packages: Record<string, { resolved?: string }>;
    };
    const found = Object.entries(lock.packages).filter(([, { resolved }]) =>
      /^\w+:/.test(resolved ?? ""),
    );
    expect(
      found.map(([name]) => name),
      "run `npm run lock`",
    ).toEqual([]);
  });

  test("every installed package works on the oldest Node we support", () => {
    const lock = JSON.parse(readFileSync(`${rootPath}package-lock.json`, "utf8")) as {
      packages: Record<string, { engines?: { node?: string } }>;
    };
    const found = Object.entries(lock.packages).flatMap(([name, { engines }]) =>
      admitsNode20(engines?.node ?? "*") ? [] : [`${name}: ${engines?.node}`],
    );
    expect(found).toEqual([]);
  });
});

/** Whether an `engines` range admits Node 20.19; reads the few forms that packages use. */
function admitsNode20(range: string): boolean {
  return range.split("||").some((part) => {
    const lowest = /(\^|>=?|~)?\s*v?(\d+)(?:\.(\d+|x|\*))?/.exec(part);
    if (lowest === null) return part.includes("*");
    const [, operator = "", major = "0", minor = "0"] = lowest;
    const minorNumber = Number(minor) || 0;
    if (operator.startsWith(">"))
      return Number(major) < 20 || (major === "20" && minorNumber <= 19);
    return major === "20" && minorNumber <= 19;
  });
}

describe("kernel names", () => {
  test("every @kernel tag has a file, a name and a version", () => {
    const form = /@kernel(?:part)? [\w./-]+\.(?:c|h|S) \w+(?:, \w+)* \(v\d+\.\d+\)/;
    const found = offences(modelled, ({ text }) =>
      text
        .split("\n")
        .flatMap((line, at) =>
          /@kernel/.test(line) && !form.test(line) ? [`:${at + 1} ${line.trim()}`] : [],
        ),
    );
    expect(found).toEqual([]);
  });

  test("a function named as the kernel names one says which it models", () => {
    const kernelWords = new RegExp(
      "^export function\\*? (?:hmmRange|hmmVma|migrateVma|migrateDevice|mmuInterval|mmuNotifier|" +
        "anonVma[A-Z]|zap[A-Z]|wp[A-Z]|do[A-Z]|tryTo|handle[A-Z]\\w*Fault)\\w*",
      "gm",
    );
    const found = offences(kernelModel, (file) => {
      const tagged = new Set(functionsTagged(file, "@kernel").map(({ name }) => name));
      return [...file.text.matchAll(kernelWords)].flatMap((match) => {
        const name = match[0].split(" ").at(-1) ?? "";
        return tagged.has(name)
          ? []
          : [`:${lineAt(file.text, match.index)} ${name} has no @kernel`];
      });
    });
    expect(found).toEqual([]);
  });
});

describe("mechanical names", () => {
  const tag = /@kernel(part)? \S+ (\w+(?:, \w+)*) \(v[\d.]+\)[ ]?([^@]*)/g;

  test("the kernel's names are converted as the rules say", () => {
    expect(convertedName("hmm_range_fault")).toBe("hmmRangeFault");
    expect(convertedName("__split_huge_pmd")).toBe("splitHugePmd");
  });

  test("an exported function with @kernel has that function's name; others say @kernelpart", () => {
    const found = offences(modelled, (file) =>
      functionsTagged(file, "@kernel").flatMap(({ name, line, doc, isExported }) => {
        // A system call has the name of the call; the kernel's function below it goes by another.
        if (!isExported || /^sys[A-Z]/.test(name)) return [];
        return [...doc.matchAll(tag)]
          .filter(([, part, kernelName = ""]) => !part && convertedName(kernelName) !== name)
          .map(([, , kernelName]) => `:${line} ${name} is not the name of ${kernelName}`);
      }),
    );
    expect(found).toEqual([]);
  });

  test("every @kernelpart says what is different", () => {
    const found = offences(modelled, (file) =>
      functionsTagged(file, "@kernelpart").flatMap(({ name, line, doc }) =>
        [...doc.matchAll(tag)]
          .filter(([, part, , why = ""]) => part === "part" && !/[a-z]{2}/.test(why))
          .map(() => `:${line} ${name} does not say why`),
      ),
    );
    expect(found).toEqual([]);
  });
});

describe("diagnostics", () => {
  test("docs/diagnostics.md documents exactly the codes that exist", () => {
    const page = readFileSync(`${rootPath}docs/diagnostics.md`, "utf8");
    expect(page, "run `npm run docs`").toBe(diagnosticsPage());
  });

  test("docs/glossary.md names exactly the functions that have a tag", () => {
    const page = readFileSync(`${rootPath}docs/glossary.md`, "utf8");
    expect(page === glossaryPage(), "run `npm run docs`").toBe(true);
  });

  test("docs/open-questions.md has every question and every switch", () => {
    const page = readFileSync(`${rootPath}docs/open-questions.md`, "utf8");
    expect(page === openQuestionsPage(), "run `npm run docs`").toBe(true);
  });

  test("every code in the sources is in the registry", () => {
    const found = offences(sources, (file) =>
      stringsLike(file, /^E_[A-Z_]+$/)
        .filter(({ text }) => !(text in DIAGNOSTIC_CODES))
        .map(({ text, line }) => `:${line} ${text}`),
    );
    expect(found).toEqual([]);
  });

  test("every code in the registry can be reported", () => {
    const used = new Set(
      sources
        .filter(({ path }) => path !== "packages/diagnostics/src/codes.ts")
        .flatMap((file) => stringsLike(file, /^E_[A-Z_]+$/).map(({ text }) => text)),
    );
    expect(diagnosticCodes.filter((code) => !used.has(code))).toEqual([]);
  });
});

describe("dead code", () => {
  test("every file, export and dependency is used", { timeout: 120_000 }, () => {
    const knip = `${rootPath}node_modules/knip/bin/knip.js`;
    const args = [knip, "--no-progress", "--no-config-hints", "--no-exit-code"];
    const output = execFileSync(process.execPath, args, { cwd: rootPath, encoding: "utf8" });
    expect(output.trim()).toBe("");
  });
});

describe("workspace", () => {
  test("every package has the same version, licence, engines and entry", () => {
    const root = JSON.parse(readFileSync(`${rootPath}package.json`, "utf8")) as Manifest;
    for (const name of Object.keys(packageRules)) {
      const folder = name === "bench" ? "bench" : `packages/${name}`;
      const json = JSON.parse(
        readFileSync(`${rootPath}${folder}/package.json`, "utf8"),
      ) as Manifest;
      expect(json, folder).toMatchObject({
        version: root.version,
        license: "MIT",
        type: "module",
        engines: root.engines,
      });
      const entry = { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } };
      if (json.private !== true) expect(json.exports, folder).toMatchObject(entry);
      const own = Object.entries(json.dependencies ?? {}).filter(
        ([key]) => ownPackage(key) !== null,
      );
      expect(
        own.filter(([, version]) => version !== root.version),
        folder,
      ).toEqual([]);
    }
  });

  test("dependencies are pinned exactly", () => {
    const manifests = allFiles.filter(({ path }) => path.endsWith("package.json"));
    const found = offences(manifests, ({ text }) => {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(text) as Manifest;
      return Object.entries({ ...dependencies, ...devDependencies })
        .filter(([, version]) => !/^(?:npm:@?[\w/-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
        .map(([name, version]) => `: ${name} ${version}`);
    });
    expect(found).toEqual([]);
  });
});

interface Manifest {
  readonly private?: boolean;
  readonly exports?: object;
  readonly version: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
