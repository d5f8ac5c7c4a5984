// The text that `iasl -d` writes of a table: fields with hexadecimal values, one on a line, in the
// order of their bytes. Whoever edits such a text by hand leaves the [offset] in front away.
import type { Report } from "../import-problems.ts";
import { type TextLine, textLines } from "../text-lines.ts";

/** One field. */
export interface IaslField {
  readonly name: string;
  /** Without comments, and without the quotes of a text. */
  readonly value: string;
  readonly line: TextLine;
}

/** A table, or one of its structures: the fields from its first one on. */
export interface IaslPart {
  readonly head: IaslField;
  readonly fields: readonly IaslField[];
}

/** A table with its structures. */
export interface IaslTable extends IaslPart {
  readonly structures: readonly IaslPart[];
}

const FIELD = /^(?:\[[^\]]*\])?\s*([A-Za-z][^:]*?)\s*:\s*(.*)$/;
const STRUCTURE = /^(?:Subtable|Structure) Type$/;

/** Tables of a text; none where no line begins one. */
export function iaslTables(text: string): IaslTable[] {
  const tables: { head: IaslField; fields: IaslField[]; structures: Open[] }[] = [];
  for (const field of fieldsOf(text)) {
    const table = tables.at(-1);
    if (field.name === "Signature") tables.push({ head: field, fields: [], structures: [] });
    else if (table === undefined) continue;
    else if (STRUCTURE.test(field.name)) table.structures.push({ head: field, fields: [] });
    else (table.structures.at(-1) ?? table).fields.push(field);
  }
  return tables;
}

interface Open extends IaslPart {
  readonly fields: IaslField[];
}

function fieldsOf(text: string): IaslField[] {
  const found: IaslField[] = [];
  let isComment = false;
  let isContinued = false;
  for (const line of textLines(text)) {
    if (line.text.startsWith("Raw Table Data")) break;
    const opens = /^\s*\/\*/.test(line.text);
    const isWhole = opens && line.text.includes("*/");
    if (isComment || opens) {
      isComment = !isWhole && !line.text.includes("*/");
      continue;
    }
    const last = found.at(-1);
    if (isContinued && last !== undefined) {
      const more = valueOf(line.text.replace(/^(?:\[[^\]]*\])?\s*:?/, ""));
      found[found.length - 1] = { ...last, value: `${last.value} ${more}` };
    } else {
      const [, name, value = ""] = FIELD.exec(line.text) ?? [];
      if (name !== undefined) found.push({ name, value: valueOf(value), line });
    }
    isContinued = /\\\s*$/.test(line.text);
  }
  return found;
}

function valueOf(text: string): string {
  const quoted = /^"([^"]*)"/.exec(text)?.[1];
  if (quoted !== undefined) return quoted;
  return text
    .replace(/\/\*.*?(?:\*\/|$)|\/\/.*$/g, "")
    .replace(/\[.*$/, "")
    .replace(/\\\s*$/, "")
    .trim();
}

/** Reads fields of one part; everything that is missing or no number is told of. */
export class IaslValues {
  private readonly part: IaslPart;
  private readonly title: string;
  private readonly report: Report;
  private readonly byName = new Map<string, readonly IaslField[]>();

  constructor(part: IaslPart, title: string, report: Report) {
    this.part = part;
    this.title = title;
    this.report = report;
    for (const field of part.fields) {
      const key = field.name.toLowerCase();
      this.byName.set(key, [...(this.byName.get(key) ?? []), field]);
    }
  }

  /** The one value of a field, by any of its names. */
  exact(names: readonly string[], otherwise?: bigint): bigint {
    const fields = this.fields(names);
    const [field, second] = fields;
    if (second !== undefined) {
      this.report(second.line, "E_IMPORT_TWICE", `${this.title}: a second ${second.name}`);
    }
    if (field !== undefined) return this.numberOf(field);
    if (otherwise !== undefined) return otherwise;
    const message = `${this.title}: no line ${JSON.stringify(names[0])}`;
    this.report(this.part.head.line, "E_IMPORT_COUNT", message);
    return 0n;
  }

  number(names: readonly string[], otherwise?: bigint): number {
    return Number(this.exact(names, otherwise));
  }

  /** Every value of a field that is there several times. */
  list(names: readonly string[]): number[] {
    return this.fields(names).flatMap((field) =>
      field.value.includes(" ") ? this.bytesOf(field) : [Number(this.numberOf(field))],
    );
  }

  /** Bytes with blanks between them. */
  bytes(names: readonly string[]): number[] {
    const [field] = this.fields(names);
    if (field !== undefined) return this.bytesOf(field);
    const message = `${this.title}: no line ${JSON.stringify(names[0])}`;
    this.report(this.part.head.line, "E_IMPORT_COUNT", message);
    return [];
  }

  text(name: string): string {
    return this.fields([name])[0]?.value ?? "";
  }

  fields(names: readonly string[]): readonly IaslField[] {
    return names.flatMap((name) => this.byName.get(name.toLowerCase()) ?? []);
  }

  private bytesOf({ name, value, line }: IaslField): number[] {
    const words = value.split(/\s+/).filter((word) => word !== "");
    const wrong = words.find((word) => !/^[0-9a-f]{1,8}$/i.test(word));
    if (wrong === undefined) return words.map((word) => Number.parseInt(word, 16));
    this.report(line, "E_IMPORT_VALUE", `${name} is no hexadecimal number: ${wrong}`);
    return [];
  }

  private numberOf({ name, value, line }: IaslField): bigint {
    const digits = /^(?:0x)?([0-9a-f]{1,16})$/i.exec(value)?.[1];
    if (digits !== undefined) return BigInt(`0x${digits}`);
    const shown = value === "" ? "missing" : value;
    this.report(line, "E_IMPORT_VALUE", `${name} is no hexadecimal number: ${shown}`);
    return 0n;
  }
}
