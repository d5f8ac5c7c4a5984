// One file `properties` of KFD's topology in sysfs: a name and a decimal number on each line. The
// numbers have up to 64 bits, so they are kept exactly.
import type { Diagnostic, SourceText } from "@faultline/diagnostics";
import { ImportProblems, type Report } from "../import-problems.ts";
import { type TextLine, textLines } from "../text-lines.ts";

const LARGEST = 2n ** 64n;

/** The numbers of one file, with their lines. */
export class KfdProperties {
  readonly source: SourceText;
  private readonly problems: ImportProblems;
  private readonly values = new Map<string, { readonly value: bigint; readonly line: TextLine }>();
  /** Names whose value is no number, by line. */
  private readonly garbled: { readonly name: string; readonly line: TextLine }[] = [];

  constructor(source: SourceText) {
    this.source = source;
    this.problems = new ImportProblems(source);
    for (const line of textLines(source.text)) {
      if (line.text.trim() !== "") this.read(line);
    }
  }

  /** A number; null where the file does not have it. */
  exact(name: string): bigint | null {
    return this.values.get(name)?.value ?? null;
  }

  /** A number that fits; 0 where the file does not have it. */
  number(name: string): number {
    return Number(this.exact(name) ?? 0n);
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  /** Tells of a problem at a property, or at the first line where there is none. */
  report(name: string, ...rest: DropFirst<Parameters<Report>>): void {
    const { start, end } = this.values.get(name)?.line ?? { start: 0, end: 0 };
    this.problems.report({ start, end }, ...rest);
  }

  /** Tells of every value that is no number; `what` says whose it is. */
  reportGarbled(what: string): void {
    for (const { name, line } of this.garbled) {
      const [, value = ""] = /^\s*\S+\s*(.*?)\s*$/.exec(line.text) ?? [];
      const shown = value === "" ? "missing" : JSON.stringify(value);
      this.problems.report(line, "E_IMPORT_VALUE", `${name} of ${what} is no number: ${shown}`);
    }
  }

  diagnostics(): readonly Diagnostic[] {
    return this.problems.sorted();
  }

  private read(line: TextLine): void {
    const [, name = "", value = ""] = /^\s*(\S+)\s*(.*?)\s*$/.exec(line.text) ?? [];
    const isNumber = /^\d{1,20}$/.test(value) && BigInt(value) < LARGEST;
    if (!isNumber) this.garbled.push({ name, line });
    else if (this.values.has(name)) {
      this.problems.report(line, "E_IMPORT_TWICE", `a second ${name}`);
    } else this.values.set(name, { value: BigInt(value), line });
  }
}

type DropFirst<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest]
  ? Rest
  : never;
