// Device tree source (version 1, as dtc reads it) → tree. Nodes can be written in several places,
// referred to by label or path, and deleted. Includes and overlays are reported, not followed.
import { type Diagnostic, DiagnosticSink, hintForName, SourceText } from "@faultline/diagnostics";
import { type DeviceTree, type DtReservation, MAX_DEPTH, type TextRange } from "./device-tree.ts";
import { parseInteger } from "./dts-expression.ts";
import { parsePropertyValue, parseReference } from "./dts-property-value.ts";
import { DtsScanner } from "./dts-scanner.ts";
import { finishTree } from "./finish-tree.ts";
import { type OpenNode, openNode, openNodes, type Reference, resolve } from "./open-tree.ts";

/** A tree when the file is good, and everything there is to say about it. */
export interface LoadedDeviceTree {
  readonly tree: DeviceTree | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** What is being read. */
interface Reading {
  readonly scanner: DtsScanner;
  readonly sink: DiagnosticSink;
  root: OpenNode | null;
  readonly labels: Map<string, OpenNode>;
  readonly reservations: DtReservation[];
}

const NAME = /[A-Za-z0-9,._+*#?@-]+/y;
const PREPROCESSED = /^#(?:include|define|undef|if|ifdef|ifndef|else|elif|endif|pragma)$/;
const UNREAD_HINT = "`dtc -I dts -O dts file.dts` writes everything into one file";

/**
 * Reads a device tree source.
 * @returns a tree unless a diagnostic is an error, and the source for showing diagnostics; never
 * throws for bad input.
 */
export function parseDts(
  text: string,
  fileName: string,
): LoadedDeviceTree & { readonly source: SourceText } {
  const source = new SourceText(fileName, text);
  const sink = new DiagnosticSink();
  const scanner = new DtsScanner(source, sink);
  const reading: Reading = { scanner, sink, root: null, labels: new Map(), reservations: [] };
  parseVersion(scanner);
  while (!scanner.isAtEnd) {
    const start = scanner.at;
    if (!parseTopLevel(reading)) scanner.skipStatement();
    if (scanner.at === start) scanner.at += 1;
  }
  const { root, labels, reservations } = reading;
  if (root === null) {
    if (!sink.hasErrors) scanner.complain("there is no root node", { hint: "write `/ { … };`" });
    return { tree: null, source, diagnostics: sink.sorted() };
  }
  const finished = finishTree(root, labels, source, sink);
  const tree = { file: fileName, source, root: finished, reservations, bootCpu: 0 };
  return { tree: sink.hasErrors ? null : tree, source, diagnostics: sink.sorted() };
}

function parseVersion(scanner: DtsScanner): void {
  const hint = "a source begins with `/dts-v1/;`";
  if (!scanner.take("/dts-v1/")) {
    scanner.complain("no version", { hint });
    return;
  }
  do scanner.expect(";", { hint });
  while (scanner.take("/dts-v1/"));
}

/** One statement outside of all nodes; false: the rest of it is to be skipped. */
function parseTopLevel(reading: Reading): boolean {
  const { scanner } = reading;
  const labels = takeLabels(scanner);
  if (scanner.take("/memreserve/")) return parseReservation(reading);
  if (scanner.take("/delete-node/")) return scanner.expect("&") && deleteReferenced(reading);
  if (scanner.take("/omit-if-no-ref/")) return scanner.expect("&") && omitReferenced(reading);
  for (const unread of ["/include/", "/plugin/"]) {
    if (!scanner.take(unread)) continue;
    const what = unread === "/plugin/" ? "overlays are not read" : "other files are not read";
    scanner.complain(`${what}: ${unread}`, { hint: UNREAD_HINT });
    return false;
  }
  if (scanner.take("&")) return parseReferencedNode(reading, labels);
  scanner.skipSpace();
  const start = scanner.at;
  if (scanner.take("/")) {
    reading.root ??= openNode(null, "", [start, start + 1]);
    addLabels(reading, reading.root, labels);
    return parseBody(reading, reading.root);
  }
  const hint = preprocessorHint(scanner.match(NAME)) ?? "write `/ { … };` or `&label { … };`";
  scanner.at = start;
  scanner.complain(`no node: ${scanner.shownNext()}`, { hint });
  return false;
}

function parseReservation({ scanner, reservations }: Reading): boolean {
  const address = parseInteger(scanner);
  const sizeBytes = address === null ? null : parseInteger(scanner);
  if (address === null || sizeBytes === null) return false;
  reservations.push({ address, sizeBytes });
  return scanner.expect(";");
}

/** The node after an `&`, or null after a complaint. */
function referencedNode(reading: Reading): OpenNode | null {
  const reference = parseReference(reading.scanner);
  if (reference === null) return null;
  const { root, labels } = reading;
  const node = root === null ? null : resolve(root, labels, reference);
  if (node === null) complainUnknown(reading, reference);
  return node;
}

function complainUnknown({ scanner, labels }: Reading, { name, range }: Reference): void {
  const hint = name.startsWith("/")
    ? "nodes must come before they are referred to here"
    : hintForName("labels so far", name, [...labels.keys()]);
  scanner.complain(`unknown node: &${name.startsWith("/") ? `{${name}}` : name}`, { hint }, range);
}

function deleteReferenced(reading: Reading): boolean {
  const node = referencedNode(reading);
  if (node !== null) deleteNode(reading, node);
  return node !== null && reading.scanner.expect(";");
}

function omitReferenced(reading: Reading): boolean {
  const node = referencedNode(reading);
  if (node !== null) node.isOmittedUnlessUsed = true;
  return node !== null && reading.scanner.expect(";");
}

function parseReferencedNode(reading: Reading, labels: readonly Label[]): boolean {
  const node = referencedNode(reading);
  if (node === null) return false;
  addLabels(reading, node, labels);
  return parseBody(reading, node);
}

function deleteNode({ labels }: Reading, node: OpenNode): void {
  for (const gone of openNodes(node)) {
    for (const label of gone.labels) labels.delete(label);
  }
  node.parent?.children.delete(node.name);
}

interface Label {
  readonly name: string;
  readonly range: TextRange;
}

function takeLabels(scanner: DtsScanner): Label[] {
  const labels: Label[] = [];
  for (;;) {
    scanner.skipSpace();
    const start = scanner.at;
    const label = scanner.match(/[A-Za-z_]\w*:/y);
    if (label === null) return labels;
    labels.push({ name: label.slice(0, -1), range: [start, scanner.at - 1] });
  }
}

function addLabels(reading: Reading, node: OpenNode, labels: readonly Label[]): void {
  for (const { name, range } of labels) {
    const other = reading.labels.get(name);
    if (other === undefined) {
      reading.labels.set(name, node);
      node.labels.push(name);
    } else if (other !== node) {
      const { source } = reading.scanner;
      const first = { ...source.place(...other.range), message: "the first one is here" };
      reading.scanner.complain(`label used twice: ${name}`, { related: [first] }, range);
    }
  }
}

/** Names that one `{ … }` declares: the same again in there is a mistake, elsewhere a change. */
interface Body {
  readonly node: OpenNode;
  readonly declared: Map<string, TextRange>;
}

/** `{ … };` */
function parseBody(reading: Reading, node: OpenNode): boolean {
  const { scanner } = reading;
  if (!scanner.expect("{")) return false;
  const openedAt = scanner.at - 1;
  const body: Body = { node, declared: new Map() };
  while (!scanner.take("}")) {
    if (scanner.isAtEnd) {
      const opened = scanner.source.place(openedAt, openedAt + 1);
      const related = [{ ...opened, message: "it begins here" }];
      scanner.complain(`the node is not closed: ${node.name || "/"}`, { related });
      return true;
    }
    if (!parseItem(reading, body)) scanner.skipStatement();
  }
  return scanner.expect(";", { hint: "a node ends with `};`" });
}

/** One property, node or deletion; false: the rest of it is to be skipped. */
function parseItem(reading: Reading, body: Body): boolean {
  const { scanner } = reading;
  const isOmitted = scanner.take("/omit-if-no-ref/");
  const labels = takeLabels(scanner);
  if (scanner.take("/delete-node/")) return parseDeletion(reading, body, "node");
  if (scanner.take("/delete-property/")) return parseDeletion(reading, body, "property");
  if (scanner.take("/include/")) {
    scanner.complain("other files are not read: /include/", { hint: UNREAD_HINT });
    return false;
  }
  scanner.skipSpace();
  const start = scanner.at;
  const name = scanner.match(NAME);
  if (name === null) {
    const hint = "a node holds properties `name = value;` and nodes `name { … };`";
    scanner.complain(`no property or node: ${scanner.shownNext()}`, { hint });
    return false;
  }
  const range: TextRange = [start, scanner.at];
  scanner.skipSpace();
  if (scanner.text[scanner.at] === "{") {
    return parseChild(reading, body, { name, range, labels, isOmitted });
  }
  return parseProperty(reading, body, name, range);
}

function parseDeletion({ scanner, ...reading }: Reading, body: Body, what: string): boolean {
  const { node, declared } = body;
  scanner.skipSpace();
  if (what === "node" && scanner.take("&")) return deleteReferenced({ scanner, ...reading });
  const start = scanner.at;
  const name = scanner.match(NAME);
  if (name === null) return scanner.expect("a name");
  const child = what === "node" ? node.children.get(name) : undefined;
  const isThere = what === "node" ? child !== undefined : node.properties.delete(name);
  if (child !== undefined) deleteNode({ scanner, ...reading }, child);
  declared.delete(what === "node" ? `${name} {` : name);
  if (!isThere) {
    const details = { severity: "warning" as const };
    scanner.complain(`there is no ${what} to delete: ${name}`, details, [start, scanner.at]);
  }
  return scanner.expect(";");
}

interface ChildHead {
  readonly name: string;
  readonly range: TextRange;
  readonly labels: readonly Label[];
  readonly isOmitted: boolean;
}

function parseChild(reading: Reading, body: Body, head: ChildHead): boolean {
  const { name, range, labels, isOmitted } = head;
  const { node } = body;
  if (node.depth + 1 >= MAX_DEPTH) {
    reading.scanner.complain(`nodes nest at most ${MAX_DEPTH} deep`, {}, range);
    return false;
  }
  declare(reading, body, `${name} {`, "node", head);
  const child = node.children.get(name) ?? openNode(node, name, range);
  child.isOmittedUnlessUsed ||= isOmitted;
  addLabels(reading, child, labels);
  return parseBody(reading, child);
}

function parseProperty(reading: Reading, body: Body, name: string, range: TextRange): boolean {
  const { scanner } = reading;
  const hasValue = scanner.take("=");
  const pieces = hasValue ? parsePropertyValue(scanner) : [];
  if (pieces === null) return false;
  declare(reading, body, name, "property", { name, range });
  body.node.properties.set(name, { name, pieces, range });
  const hint = preprocessorHint(name);
  return scanner.expect(";", hint === undefined ? {} : { hint });
}

function declare(
  { scanner }: Reading,
  { declared }: Body,
  key: string,
  what: string,
  { name, range }: { readonly name: string; readonly range: TextRange },
): void {
  const first = declared.get(key);
  if (first === undefined) {
    declared.set(key, range);
    return;
  }
  const related = [{ ...scanner.source.place(...first), message: "the first one is here" }];
  scanner.complain(`${what} written twice: ${name}`, { related }, range);
}

function preprocessorHint(word: string | null): string | undefined {
  return PREPROCESSED.test(word ?? "")
    ? "the C preprocessor has to run before: `cpp -P file.dts`"
    : undefined;
}
