// The glossary: which of our functions models which function of the kernel, from the @kernel tags.
import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";

const root = new URL("../", import.meta.url);
const tag = /@kernel(?:part)? ([\w./-]+) (\w+(?:, \w+)*) \(v[\d.]+\)/g;

/** Paths of the sources that can hold tags, sorted. */
function sourcePaths() {
  const packages = ["core", "engine", "stacks", "platform"];
  return packages.flatMap((name) =>
    readdirSync(new URL(`packages/${name}/src`, root), { recursive: true, encoding: "utf8" })
      .map((path) => `packages/${name}/src/${path.replaceAll("\\", "/")}`)
      .filter((path) => path.endsWith(".ts") && !/\.(?:test|system|long)\.ts$/.test(path))
      .sort(),
  );
}

/** The name a declaration goes by; a method is named with its class. */
function nameOf(node) {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations[0].name.getText();
  const own = node.name?.getText() ?? "";
  return ts.isClassElement(node) ? `${node.parent.name?.getText() ?? ""}.${own}` : own;
}

/** Every tag of one file with the declaration that carries it. */
function entriesOf(path) {
  const text = readFileSync(new URL(path, root), "utf8");
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const entries = [];
  const visit = (node) => {
    for (const doc of node.jsDoc ?? []) {
      for (const [, file, names] of doc.getText(tree).matchAll(tag)) {
        for (const name of names.split(", "))
          entries.push({ file, name, ours: nameOf(node), path });
      }
    }
    node.forEachChild(visit);
  };
  visit(tree);
  return entries;
}

/** docs/glossary.md: one table for each file of the kernel, a row for each of its functions. */
export function glossaryPage() {
  const byFile = new Map();
  for (const entry of sourcePaths().flatMap(entriesOf)) {
    const rows = byFile.get(entry.file) ?? new Map();
    byFile.set(entry.file, rows);
    const link = `[\`${entry.ours}\`](../${entry.path})`;
    rows.set(entry.name, [...new Set([...(rows.get(entry.name) ?? []), link])]);
  }
  const sections = [...byFile]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, rows]) => {
      const lines = [...rows]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, links]) => `| \`${name}\` | ${links.join(", ")} |`);
      return [`## ${file}`, "", "| in the kernel | here |", "|---|---|", ...lines, ""].join("\n");
    });
  const intro = [
    "# Glossary",
    "",
    "The functions of Linux 7.2 that Faultline models, by kernel file, and where ours stand. A",
    "name that is the kernel's, mechanically converted, models that function; another name models",
    "a part of it or several, and its doc comment says so.",
    "",
    "This page is written from the `@kernel` and `@kernelpart` tags by `npm run docs`.",
    "",
  ];
  return [...intro, ...sections].join("\n");
}
