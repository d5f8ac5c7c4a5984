// The XML of hwloc, versions 2 and 3: a tree of objects, and matrices between them. A matrix and
// its indexes may be spread over several elements.
import type { Diagnostic } from "@faultline/diagnostics";
import { readXml, type XmlElement } from "../../xml/read-xml.ts";
import { ImportProblems, type Report } from "../import-problems.ts";

/** One object of the tree. */
export interface HwlocObject {
  readonly type: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly infos: ReadonlyMap<string, string>;
  readonly parent: HwlocObject | null;
  readonly children: HwlocObject[];
}

/** A matrix between objects. */
export interface HwlocMatrix {
  readonly tag: string;
  readonly name: string | null;
  readonly kind: number;
  readonly indexing: string | null;
  /** What the rows and columns are; numbers of nodes where the matrix says so. */
  readonly indexes: readonly string[];
  readonly values: readonly (readonly number[])[];
}

/** An attribute of memory: its values as they stand. */
export interface HwlocMemoryAttribute {
  readonly name: string;
  readonly values: readonly ReadonlyMap<string, string>[];
}

/** The file. */
export interface HwlocTopology {
  readonly version: string;
  readonly machine: HwlocObject;
  /** All objects, in the order of the file. */
  readonly objects: readonly HwlocObject[];
  readonly infos: ReadonlyMap<string, string>;
  readonly matrices: readonly HwlocMatrix[];
  readonly memoryAttributes: readonly HwlocMemoryAttribute[];
}

/** Reads the file; null with diagnostics where it cannot be used. */
export function readHwloc(
  text: string,
  file: string,
): { readonly topology: HwlocTopology | null; readonly diagnostics: readonly Diagnostic[] } {
  const { root, source, diagnostics } = readXml(text, file);
  if (root === null) return { topology: null, diagnostics };
  const problems = new ImportProblems(source);
  const { report } = problems;
  const element = root.children.find(({ name }) => name === "object");
  if (root.name !== "topology" || element === undefined) {
    const hint = "the file is what lstopo writes";
    report(root, "E_IMPORT_FORMAT", `no <topology> with an <object>: <${root.name}>`, { hint });
    return { topology: null, diagnostics: problems.sorted() };
  }
  const objects: HwlocObject[] = [];
  const machine = objectOf(element, null, objects);
  checkSets(element, report);
  const matrices = root.children
    .filter(({ name }) => name.startsWith("distances2"))
    .flatMap((one) => matrixOf(one, objects, report));
  const topology = {
    version: root.attributes.get("version") ?? "1.0",
    machine,
    objects,
    infos: new Map([...infosOf(element), ...infosOf(root)]),
    matrices,
    memoryAttributes: root.children.filter(({ name }) => name === "memattr").map(attributeOf),
  };
  return { topology: problems.hasErrors ? null : topology, diagnostics: problems.sorted() };
}

function objectOf(
  element: XmlElement,
  parent: HwlocObject | null,
  all: HwlocObject[],
): HwlocObject {
  const object: HwlocObject = {
    type: element.attributes.get("type") ?? "",
    attributes: element.attributes,
    infos: infosOf(element),
    parent,
    children: [],
  };
  all.push(object);
  for (const child of element.children) {
    if (child.name === "object") object.children.push(objectOf(child, object, all));
  }
  return object;
}

const SETS = ["cpuset", "nodeset", "complete_cpuset", "complete_nodeset"];

/** Infinite sets, `0xf...f`, are hwloc's as well. */
function checkSets(element: XmlElement, report: Report): void {
  for (const name of SETS) {
    const set = element.attributes.get(name);
    if (set === undefined || isBitSet(set) || set.startsWith("0xf...f")) continue;
    report(element, "E_IMPORT_VALUE", `${name} is no set of numbers: ${set}`);
  }
  for (const child of element.children) {
    if (child.name === "object") checkSets(child, report);
  }
}

function infosOf({ children }: XmlElement): Map<string, string> {
  return new Map(
    children
      .filter(({ name }) => name === "info")
      .map(({ attributes }) => [attributes.get("name") ?? "", attributes.get("value") ?? ""]),
  );
}

function attributeOf({ attributes, children }: XmlElement): HwlocMemoryAttribute {
  const values = children.filter(({ name }) => name === "memattr_value");
  return { name: attributes.get("name") ?? "", values: values.map((one) => one.attributes) };
}

/** A matrix; none, with what is wrong told, where it does not fit its objects. */
function matrixOf(
  element: XmlElement,
  objects: readonly HwlocObject[],
  report: Report,
): HwlocMatrix[] {
  const { attributes, name: tag } = element;
  const name = attributes.get("name") ?? null;
  const size = Number(attributes.get("nbobjs"));
  const wordsOf = (what: string): string[] =>
    element.children
      .filter((child) => child.name === what)
      .flatMap(({ text }) => text.trim().split(/\s+/))
      .filter((word) => word !== "");
  const indexes = wordsOf("indexes");
  const values = wordsOf("u64values").map(Number);
  const title = name ?? "a matrix without a name";
  if (indexes.length !== size) {
    report(
      element,
      "E_IMPORT_COUNT",
      `${title}: ${indexes.length} indexes found, ${size} objects announced`,
    );
    return [];
  }
  if (values.length !== size ** 2 || values.some((value) => !Number.isSafeInteger(value))) {
    report(
      element,
      "E_IMPORT_COUNT",
      `${title}: ${values.length} values found, ${size ** 2} expected for ${size} objects`,
    );
    return [];
  }
  const indexing = attributes.get("indexing") ?? null;
  const unknown = indexes.find(
    (index) => index.includes(":") && objectAt(objects, index) === undefined,
  );
  if (unknown !== undefined) {
    const place = element.children.find((child) => child.text.split(/\s+/).includes(unknown));
    report(place ?? element, "E_IMPORT_REFERENCE", `${title}: unknown object ${unknown}`);
    return [];
  }
  const rows = indexes.map((_, n) => values.slice(n * size, (n + 1) * size));
  return [
    { tag, name, kind: Number(attributes.get("kind") ?? 0), indexing, indexes, values: rows },
  ];
}

/** The object that `Type:gp_index` names. */
export function objectAt(objects: readonly HwlocObject[], index: string): HwlocObject | undefined {
  const [type, number] = index.split(":");
  return objects.find((one) => one.type === type && one.attributes.get("gp_index") === number);
}

/** Bits of a set in hwloc's words: groups of 32 bits, an empty one is zero. */
export function bitsOf(set: string | undefined): number[] {
  if (set === undefined || !isBitSet(set)) return [];
  const words = set.split(",").toReversed();
  return words.flatMap((word, n) => {
    const value = BigInt(word === "" ? "0x0" : word);
    return Array.from({ length: 32 }, (_, bit) => bit)
      .filter((bit) => ((value >> BigInt(bit)) & 1n) === 1n)
      .map((bit) => n * 32 + bit);
  });
}

/** Whether a text is a set in hwloc's words; `0xf...f` stands for all, and is empty here. */
function isBitSet(set: string): boolean {
  return /^(?:0x[0-9a-f]{1,8})?(?:,(?:0x[0-9a-f]{1,8})?)*$/i.test(set);
}
