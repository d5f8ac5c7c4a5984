// What stands in the way of a machine, in the order in which QEMU would come to it.
import {
  type Diagnostic,
  diagnosticAt,
  diagnosticFor,
  type DiagnosticCode,
  type Severity,
  type SourceText,
} from "@faultline/diagnostics";
import { optionText, type QemuOption } from "./option-list.ts";

/** One problem. */
export interface Refusal {
  readonly diagnostic: Diagnostic;
  /** The option that it is about, as written; null when it is about the machine as a whole. */
  readonly option: string | null;
}

/** More about a problem. */
export interface RefusalDetails {
  readonly hint?: string | undefined;
  /** The part of the option that is wrong; the whole option when absent. */
  readonly at?: { readonly start: number; readonly end: number } | undefined;
  readonly severity?: Severity | undefined;
}

/** Collects problems; the first is the one that QEMU reports. */
export class RefusalList {
  readonly #source: SourceText;
  readonly #found: Refusal[] = [];

  constructor(source: SourceText) {
    this.#source = source;
  }

  /** Adds a problem of one option, or of the machine when `option` is null. */
  add(
    option: QemuOption | null,
    code: DiagnosticCode,
    message: string,
    { hint, at, severity }: RefusalDetails = {},
  ): void {
    const details = { hint, severity };
    if (option === null) {
      const diagnostic = diagnosticFor(this.#source.file, code, message, details);
      this.#found.push({ diagnostic, option: null });
      return;
    }
    const { start, end } = at ?? option;
    const diagnostic = diagnosticAt(this.#source, start, end, code, message, details);
    this.#found.push({ diagnostic, option: optionText(option) });
  }

  get all(): readonly Refusal[] {
    return this.#found;
  }

  get hasErrors(): boolean {
    return this.#found.some(({ diagnostic }) => diagnostic.severity === "error");
  }
}
