// One line of an access script for a Grace GPU, as typed on a command line and as recordings have
// it: `init 1 BASE LENGTH`, `rcfg OFFSET COUNT`, `wcfg OFFSET HEX`, `rmem` and `wmem REGION OFFSET
// COUNT`, `reset`. Numbers are decimal or 0x….

/** A parsed line. */
export type GraceCommand =
  | {
      readonly op: "init";
      readonly hasMigHwBug: boolean;
      readonly memPhys: bigint;
      readonly memLength: bigint;
    }
  | { readonly op: "rcfg"; readonly offset: number; readonly count: number }
  | { readonly op: "wcfg"; readonly offset: number; readonly bytes: Uint8Array }
  | {
      readonly op: "rmem" | "wmem";
      readonly region: number;
      readonly offset: bigint;
      readonly count: number;
    }
  | { readonly op: "reset" };

const CONFIG_SPACE_BYTES = 4096n;
const U64_MAX = (1n << 64n) - 1n;
const LARGEST_COUNT = 0x7fffffffn;

const FORMS: ReadonlyMap<string, string> = new Map([
  ["init", "init 0|1 BASE LENGTH"],
  ["rcfg", "rcfg OFFSET COUNT"],
  ["wcfg", "wcfg OFFSET HEXBYTES"],
  ["rmem", "rmem REGION OFFSET COUNT"],
  ["wmem", "wmem REGION OFFSET COUNT"],
  ["reset", "reset"],
]);

/** Reads one line; a text is what is wrong with it. */
export function parseGraceCommand(line: string): GraceCommand | string {
  const [op = "", ...words] = line.trim().split(/\s+/);
  const form = FORMS.get(op);
  if (form === undefined) {
    const known = [...FORMS.keys()].join(", ");
    return `unknown command: ${op === "" ? "nothing" : op} (known: ${known})`;
  }
  const nrWords = form.split(" ").length - 1;
  if (words.length !== nrWords) return `expected: ${form}`;
  return parseWords(op, words) ?? `expected: ${form}, in range`;
}

function parseWords(op: string, words: readonly string[]): GraceCommand | null {
  const [first = "", second = "", third = ""] = words;
  switch (op) {
    case "init": {
      const memPhys = number(second, U64_MAX);
      const memLength = number(third, U64_MAX);
      if (!/^[01]$/.test(first) || memPhys === null || memLength === null) return null;
      return { op, hasMigHwBug: first === "1", memPhys, memLength };
    }
    case "rcfg": {
      const offset = number(first, CONFIG_SPACE_BYTES - 1n);
      const count = number(second, CONFIG_SPACE_BYTES);
      return offset === null || count === null
        ? null
        : { op, offset: Number(offset), count: Number(count) };
    }
    case "wcfg": {
      const offset = number(first, CONFIG_SPACE_BYTES - 1n);
      const bytes = hexBytes(second);
      return offset === null || bytes === null ? null : { op, offset: Number(offset), bytes };
    }
    case "rmem":
    case "wmem": {
      const offset = number(second, U64_MAX);
      const count = number(third, LARGEST_COUNT);
      if (!/^\d$/.test(first) || offset === null || count === null) return null;
      return { op, region: Number(first), offset, count: Number(count) };
    }
    default:
      return { op: "reset" };
  }
}

function number(word: string, most: bigint): bigint | null {
  if (!/^(?:0x[0-9a-f]{1,16}|\d{1,20})$/i.test(word)) return null;
  const value = BigInt(word);
  return value <= most ? value : null;
}

function hexBytes(word: string): Uint8Array | null {
  if (!/^(?:[0-9a-f]{2}){1,4096}$/i.test(word)) return null;
  return Uint8Array.from(word.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
