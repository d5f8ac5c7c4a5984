// An option of a QEMU command line as parameters: `key=value,key=value`, where a comma that belongs
// to a value is written twice.
import type { SourceText } from "@faultline/diagnostics";
import type { CommandWord } from "./command-words.ts";

/** One parameter; the place is the whole `key=value`. */
export interface Parameter {
  readonly key: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** An option with its parameters. */
export interface QemuOption {
  /** Without its dashes: numa, object, device. */
  readonly name: string;
  readonly source: SourceText;
  /** From the option's dash to the end of its value. */
  readonly start: number;
  readonly end: number;
  readonly parameters: readonly Parameter[];
}

/** Options that take no value; every other one takes the next word. */
const withoutValue = new Set(
  (
    "nodefaults nographic S s enable-kvm no-reboot no-shutdown no-acpi no-hpet no-user-config " +
    "daemonize snapshot no-fd-bootchk full-screen usb singlestep preconfig only-migratable " +
    "win2k-hack portrait old-param help h version nouserconfig"
  ).split(" "),
);
/** The key of a first parameter that is written without one. */
const impliedKeys: Readonly<Record<string, string>> = {
  machine: "type",
  m: "size",
  smp: "cpus",
  object: "qom-type",
  numa: "type",
  device: "driver",
};
const longNames: Readonly<Record<string, string>> = { M: "machine" };

/** Puts words together to options; a first word that is no option (the program) is left out. */
export function readOptions(words: readonly CommandWord[], source: SourceText): QemuOption[] {
  const options: QemuOption[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as CommandWord;
    if (!word.text.startsWith("-")) continue;
    const shortName = word.text.replace(/^--?/, "");
    const name = longNames[shortName] ?? shortName;
    const value = withoutValue.has(name) ? undefined : words[++at];
    const parameters = value === undefined ? [] : splitParameters(value, impliedKeys[name]);
    const { end } = value ?? word;
    options.push({ name, source, start: word.start, end, parameters });
  }
  return options;
}

function splitParameters(word: CommandWord, impliedKey: string | undefined): Parameter[] {
  const parameters: Parameter[] = [];
  const piece = /((?:,,|[^,])*)(?:,|$)/y;
  for (let at = 0; at < word.text.length; at = piece.lastIndex) {
    piece.lastIndex = at;
    const raw = piece.exec(word.text)?.[1] ?? "";
    const place = word.isPlain
      ? { start: word.start + at, end: word.start + at + raw.length }
      : { start: word.start, end: word.end };
    const equals = raw.indexOf("=");
    const isFirst = at === 0 && impliedKey !== undefined && equals < 0;
    const [key, value] = isFirst
      ? [impliedKey, raw]
      : equals < 0
        ? [raw, "on"]
        : [raw.slice(0, equals), raw.slice(equals + 1)];
    if (raw !== "") parameters.push({ key, value: value.replaceAll(",,", ","), ...place });
  }
  return parameters;
}

/** The last value of a key; the last one counts, as in QEMU. */
export function parameterOf(option: QemuOption, key: string): Parameter | undefined {
  return option.parameters.findLast((parameter) => parameter.key === key);
}

/** The option as it was written. */
export function optionText({ source, start, end }: QemuOption): string {
  return source.text.slice(start, end);
}
