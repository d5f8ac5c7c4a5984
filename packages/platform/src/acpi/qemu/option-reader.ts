// Reads the parameters of one option: what is missing, unknown or of the wrong type is reported in
// the order in which QEMU would come to it.
import { hintForName } from "@faultline/diagnostics";
import { type Parameter, parameterOf, type QemuOption } from "./option-list.ts";
import type { RefusalList } from "./refusals.ts";

const suffixes: Readonly<Record<string, bigint>> = {
  "": 1n,
  B: 1n,
  K: 1n << 10n,
  M: 1n << 20n,
  G: 1n << 30n,
  T: 1n << 40n,
  P: 1n << 50n,
  E: 1n << 60n,
};

/** Bytes of a size such as 512M, 1.5G or 0x1000; null when it is none. */
export function parseQemuSize(text: string, defaultSuffix = ""): bigint | null {
  const match = /^(?:(0x[0-9a-f]+)|(\d+)(?:\.(\d+))?)([BKMGTPE]?)$/i.exec(text);
  if (match === null) return null;
  const [, hex, whole = "0", fraction = "", suffix = ""] = match;
  const unit = suffixes[(suffix || defaultSuffix).toUpperCase()] ?? 1n;
  if (hex !== undefined) return suffix === "" ? BigInt(hex) : null;
  const scale = 10n ** BigInt(fraction.length);
  return BigInt(whole) * unit + (BigInt(fraction || "0") * unit) / scale;
}

/** One option being read; a value that is missing or wrong is undefined, and reported. */
export class OptionReader {
  readonly option: QemuOption;
  /** What messages call the option: `acpi-generic-initiator gi0`. */
  readonly subject: string;
  readonly #refusals: RefusalList;

  constructor(option: QemuOption, subject: string, refusals: RefusalList) {
    this.option = option;
    this.subject = subject;
    this.#refusals = refusals;
  }

  parameter(key: string): Parameter | undefined {
    return parameterOf(this.option, key);
  }

  /** A text, or undefined when there is none. */
  text(key: string): string | undefined {
    return this.parameter(key)?.value;
  }

  requiredText(key: string): string | undefined {
    if (this.parameter(key) === undefined) this.missing(key);
    return this.text(key);
  }

  /** An integer from 0; `type` is what QEMU calls the type. */
  integer(key: string, max = 0xffff_ffff, type = "uint32"): number | undefined {
    const parameter = this.parameter(key);
    if (parameter === undefined) return undefined;
    const { value } = parameter;
    const number = /^(?:0x[0-9a-f]+|\d+)$/i.test(value) ? Number(value) : Number.NaN;
    if (Number.isInteger(number) && number <= max) return number;
    const what = Number.isInteger(number) ? `from 0 to ${max}` : `of type ${type}`;
    this.wrong(parameter, `must be an integer ${what}, not ${JSON.stringify(value)}`);
    return undefined;
  }

  requiredInteger(key: string, max?: number, type?: string): number | undefined {
    if (this.parameter(key) === undefined) this.missing(key);
    return this.integer(key, max, type);
  }

  /** A size in bytes. */
  size(key: string, defaultSuffix = ""): bigint | undefined {
    const parameter = this.parameter(key);
    if (parameter === undefined) return undefined;
    const bytes = parseQemuSize(parameter.value, defaultSuffix);
    if (bytes !== null) return bytes;
    this.wrong(parameter, `must be a size such as 512M, not ${JSON.stringify(parameter.value)}`);
    return undefined;
  }

  requiredSize(key: string): bigint | undefined {
    if (this.parameter(key) === undefined) this.missing(key);
    return this.size(key);
  }

  /** One of a few words. */
  word<Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    const parameter = this.parameter(key);
    if (parameter === undefined) return undefined;
    const found = words.find((word) => word === parameter.value);
    if (found === undefined) {
      const hint = hintForName("values", parameter.value, words);
      this.wrong(parameter, `does not take ${JSON.stringify(parameter.value)}`, hint);
    }
    return found;
  }

  requiredWord<Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    if (this.parameter(key) === undefined) this.missing(key);
    return this.word(key, words);
  }

  /** on or off. */
  flag(key: string, otherwise: boolean): boolean {
    const word = this.word(key, ["on", "off", "yes", "no", "true", "false"]);
    return word === undefined ? otherwise : ["on", "yes", "true"].includes(word);
  }

  /** Reports parameters that the option does not know. */
  onlyKnows(keys: readonly string[]): void {
    for (const parameter of this.option.parameters) {
      if (keys.includes(parameter.key)) continue;
      const message = `${this.subject}: unknown parameter '${parameter.key}'`;
      const hint = hintForName("parameters", parameter.key, keys);
      this.#refusals.add(this.option, "E_QEMU_OPTION", message, { hint, at: parameter });
    }
  }

  missing(key: string): void {
    const message = `${this.subject}: missing parameter '${key}'`;
    this.#refusals.add(this.option, "E_QEMU_OPTION", message);
  }

  wrong(parameter: Parameter, problem: string, hint?: string): void {
    const message = `${this.subject}: parameter '${parameter.key}' ${problem}`;
    this.#refusals.add(this.option, "E_QEMU_OPTION", message, { hint, at: parameter });
  }

  /** Something that is well formed and does not fit. */
  refuse(problem: string, { hint, key }: { hint?: string; key?: string } = {}): void {
    const at = key === undefined ? undefined : this.parameter(key);
    const message = `${this.subject}: ${problem}`;
    this.#refusals.add(this.option, "E_QEMU_REFUSES", message, { hint, at });
  }
}
