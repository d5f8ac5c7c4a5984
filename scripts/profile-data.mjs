// Writes what a browser cannot read, the YAML of packages/profiles/data, as TypeScript modules:
// packages/profiles/src/shipped/*-data.ts. Run by `npm run docs`; a test compares both.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readYaml } from "@faultline/diagnostics";

const root = fileURLToPath(new URL("../", import.meta.url));
const data = `${root}packages/profiles/data/`;
const shipped = `${root}packages/profiles/src/shipped/`;

/** The value of a YAML file of the data. */
export function readData(path) {
  const { yaml, diagnostics } = readYaml(readFileSync(data + path, "utf8"), path);
  if (yaml === null) throw new Error(`${path}: ${diagnostics[0]?.message}`);
  return yaml.value;
}

/** The values of all YAML files of a folder of the data, by file name without its ending. */
export function readFolder(folder) {
  const names = readdirSync(data + folder).sort();
  return Object.fromEntries(
    names.map((name) => [name.replace(/\.yaml$/, ""), readData(`${folder}/${name}`)]),
  );
}

/** A value as an expression after `label`; a text too long for a line is in pieces. */
function expression(value, indent, label = "") {
  const text = JSON.stringify(value);
  // After a short label the formatter does not start a line for a text.
  const before = indent.length + (label.length > 6 ? 3 : label.length);
  if (typeof value === "string" && before + text.length > 99) {
    const line = new RegExp(`.{1,${86 - indent.length}}(?:\\s|$)|\\S+(?:\\s|$)`, "gs");
    const pieces = value.match(line) ?? [value];
    return pieces.map((piece) => JSON.stringify(piece)).join(` +\n${indent}`);
  }
  if (value === null || typeof value !== "object") return text;
  const deeper = `${indent}  `;
  const isList = Array.isArray(value);
  const entries = Object.entries(value).map(([key, inner]) => {
    const name = isList ? "" : `${/^[a-z_]\w*$/i.test(key) ? key : JSON.stringify(key)}: `;
    return `${deeper}${name}${expression(inner, deeper, name)},\n`;
  });
  const [open, close] = isList ? "[]" : "{}";
  return entries.length === 0 ? open + close : `${open}\n${entries.join("")}${indent}${close}`;
}

function writeModule(name, exported) {
  const head = `// ${name}: written from packages/profiles/data by \`npm run docs\`.\n`;
  const parts = Object.entries(exported).map(([key, { doc, type, value }]) => {
    return `\n/** ${doc} */\nexport const ${key}: ${type} = ${expression(value, "")};\n`;
  });
  writeFileSync(`${shipped}${name}`, head + parts.join(""));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeModule("figures-data.ts", {
    sourceTable: { doc: "The sources.", type: "unknown", value: readData("sources.yaml") },
    figureTables: {
      doc: "The files of figures.",
      type: "readonly unknown[]",
      value: Object.values(readFolder("figures")),
    },
  });
  writeModule("profiles-data.ts", {
    profileDocuments: {
      doc: "The profiles, by id.",
      type: "Readonly<Record<string, unknown>>",
      value: readFolder("profiles"),
    },
  });
  writeModule("targets-data.ts", {
    targetLines: {
      doc: "The targets, as the lines of their file.",
      type: "readonly string[]",
      value: readFileSync(`${data}targets.yaml`, "utf8").split("\n"),
    },
  });
  const biome = `${root}node_modules/.bin/biome`;
  execFileSync(biome, ["format", "--write", shipped], { cwd: root, stdio: "ignore" });
}
