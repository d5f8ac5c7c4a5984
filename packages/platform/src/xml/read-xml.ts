// XML as a tree of elements that remember where they stand. Document type declarations, comments
// and processing instructions are passed over; entities beyond XML's own five are errors.
import { type Diagnostic, diagnosticAt, SourceText } from "@faultline/diagnostics";
import { SaxesParser } from "saxes";

/** One element. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text directly inside, all pieces joined. */
  readonly text: string;
  /** Offsets of the start tag up to the end of its name. */
  readonly start: number;
  readonly end: number;
}

/** What reading a text gave: a root unless a diagnostic is an error. */
export interface XmlResult {
  readonly root: XmlElement | null;
  readonly source: SourceText;
  readonly diagnostics: readonly Diagnostic[];
}

interface OpenElement extends XmlElement {
  readonly children: OpenElement[];
  readonly attributes: Map<string, string>;
  text: string;
}

/** A broken file gets its first problems; what follows from them helps nobody. */
const MAX_PROBLEMS = 10;

/** Reads one XML document; never throws for bad input. */
export function readXml(text: string, fileName: string): XmlResult {
  const source = new SourceText(fileName, text);
  const diagnostics: Diagnostic[] = [];
  const open: OpenElement[] = [];
  let root: OpenElement | null = null;
  const parser = new SaxesParser({ position: true });
  parser.on("error", (error) => {
    if (diagnostics.length >= MAX_PROBLEMS) return;
    const message = error.message.replace(/^(?:\d+:\d+: |undefined:)*/, "").replace(/\.$/, "");
    const at = Math.max(0, Math.min(parser.position, text.length) - 1);
    const where = text !== "" && parser.position >= text.length ? " at the end of file" : "";
    diagnostics.push(diagnosticAt(source, at, at + 1, "E_XML_SYNTAX", message + where));
  });
  parser.on("opentag", ({ name, attributes }) => {
    const start = Math.max(0, text.lastIndexOf(`<${name}`, parser.position));
    const element: OpenElement = {
      name,
      attributes: new Map(Object.entries(attributes)),
      children: [],
      text: "",
      start,
      end: start + name.length + 1,
    };
    const above = open.at(-1);
    if (above === undefined) root ??= element;
    else above.children.push(element);
    open.push(element);
  });
  parser.on("closetag", () => void open.pop());
  parser.on("text", (piece) => {
    const inside = open.at(-1);
    if (inside !== undefined) inside.text += piece;
  });
  parser.on("cdata", (piece) => {
    const inside = open.at(-1);
    if (inside !== undefined) inside.text += piece;
  });
  parser.write(text).close();
  return { root: diagnostics.length === 0 ? root : null, source, diagnostics };
}

/** The child elements with a name. */
export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/** The first element along a path of names, or null. */
export function elementAt(element: XmlElement, ...names: readonly string[]): XmlElement | null {
  let at: XmlElement | null = element;
  for (const name of names) {
    at = at.children.find((child) => child.name === name) ?? null;
    if (at === null) return null;
  }
  return at;
}
