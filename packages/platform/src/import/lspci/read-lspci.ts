// The text of `lspci -vvv`: a block for each PCI function, its capabilities indented below. With
// -nn it has ids, with -D domains; both may be missing. A hex dump below is passed over.
import { type Diagnostic, SourceText } from "@faultline/diagnostics";
import { FILE_START, ImportProblems } from "../import-problems.ts";
import { type TextLine, textLines } from "../text-lines.ts";

/** One memory BAR. */
export interface LspciRegion {
  readonly index: number;
  readonly address: bigint;
  readonly sizeBytes: bigint;
  readonly isPrefetchable: boolean;
}

/** One function. */
export interface LspciFunction {
  /** As the file has it, with or without a domain. */
  readonly written: string;
  readonly domain: string;
  readonly bus: string;
  /** Text of its class: PCI bridge, VGA compatible controller, … */
  readonly className: string;
  readonly title: string;
  /** Vendor and device id; null without -nn. */
  readonly id: string | null;
  /** Text of its PCIe type; null where it has no such capability. */
  readonly express: string | null;
  /** Bus below a bridge. */
  readonly secondary: string | null;
  readonly regions: readonly LspciRegion[];
  /** ACS words that are +; null without the capability. */
  readonly acs: {
    readonly cap: readonly string[];
    readonly ctl: readonly string[];
    readonly text: string;
  } | null;
  readonly numaNode: number | null;
  readonly iommuGroup: number | null;
  /** Texts of the link's capability and state. */
  readonly linkCap: string | null;
  readonly linkSta: string | null;
  readonly cxl: { readonly ids: readonly string[]; readonly caps: readonly string[] } | null;
  /** Its first line, for places. */
  readonly line: TextLine;
}

const HEAD =
  /^((?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):[0-9a-f]{2}\.[0-7]) ([^:[]+?)(?: \[[0-9a-f]{4}\])?: (.*)$/;
const REGION = /Region (\d): Memory at ([0-9a-f]+) \(([^)]*)\)(?:.*\[size=(\d+)([KMGT]?)\])?/;
const UNITS: Readonly<Record<string, bigint>> = {
  "": 1n,
  K: 1n << 10n,
  M: 1n << 20n,
  G: 1n << 30n,
  T: 1n << 40n,
};

/** Reads the functions; every problem at once. */
export function readLspci(
  text: string,
  file: string,
): { readonly functions: readonly LspciFunction[]; readonly diagnostics: readonly Diagnostic[] } {
  const problems = new ImportProblems(new SourceText(file, text));
  const { report } = problems;
  const lines = textLines(text);
  const blocks: TextLine[][] = [];
  for (const line of lines) {
    if (HEAD.test(line.text)) blocks.push([line]);
    else if (/^\s+\S/.test(line.text)) blocks.at(-1)?.push(line);
  }
  const functions = blocks.map((block) => functionOf(block));
  const [first] = lines;
  if (functions.length === 0 && first !== undefined) {
    const hint = "the file is what `lspci -vvv` prints";
    report(first, "E_IMPORT_FORMAT", "no line begins with a PCI address", { hint });
  } else if (first === undefined) {
    report(FILE_START, "E_IMPORT_FORMAT", "the file is empty");
  }
  for (const [n, one] of functions.entries()) {
    const address = addressOf(one);
    const before = functions.slice(0, n).find((other) => addressOf(other) === address);
    if (before !== undefined) report(one.line, "E_IMPORT_TWICE", `a second function at ${address}`);
  }
  return { functions, diagnostics: problems.sorted() };
}

/** The address with its domain. */
export function addressOf({ domain, written }: Pick<LspciFunction, "domain" | "written">): string {
  return `${domain}:${written.split(":").slice(-2).join(":")}`;
}

function functionOf([head, ...lines]: readonly TextLine[]): LspciFunction {
  const line = head as TextLine;
  const [, written = "", domain = "0000", bus = "", className = "", title = ""] =
    HEAD.exec(line.text) ?? [];
  const find = (pattern: RegExp): string | null => {
    for (const { text } of lines) {
      const found = pattern.exec(text)?.[1];
      if (found !== undefined) return found;
    }
    return null;
  };
  const number = (text: string | null): number | null => (text === null ? null : Number(text));
  const [cap, ctl] = [find(/ACSCap:\s*(.*)$/), find(/ACSCtl:\s*(.*)$/)];
  return {
    written,
    domain,
    bus,
    className,
    title,
    id: /\[([0-9a-f]{4}:[0-9a-f]{4})\]/.exec(title)?.[1] ?? null,
    express: find(
      /Capabilities: \[[^\]]*\] Express(?: \(v\d\))? ([^,(]*?)(?: \(Slot[+-]\))?(?:,.*)?$/,
    ),
    secondary: find(/Bus: primary=[0-9a-f]{2}, secondary=([0-9a-f]{2})/),
    regions: lines.flatMap((one) => regionOf(one)),
    acs: cap === null ? null : { cap: setWords(cap), ctl: setWords(ctl ?? ""), text: ctl ?? "" },
    numaNode: number(find(/NUMA node: (\d+)/)),
    iommuGroup: number(find(/IOMMU group: (\d+)/)),
    linkCap: find(/LnkCap:\s*(.*)$/),
    linkSta: find(/LnkSta:\s*(.*)$/),
    cxl: cxlOf(lines),
    line,
  };
}

/** Words that end with +. */
function setWords(text: string): string[] {
  return text
    .split(/\s+/)
    .filter((word) => word.endsWith("+"))
    .map((word) => word.slice(0, -1));
}

/** A memory region; what is read from a hex dump has no size, and is left out. */
function regionOf({ text }: TextLine): LspciRegion[] {
  const match = REGION.exec(text);
  if (match === null || text.includes("[virtual]")) return [];
  const [, index = "0", address = "", how = "", size = "0", unit = ""] = match;
  return [
    {
      index: Number(index),
      address: BigInt(`0x${address}`),
      sizeBytes: BigInt(size) * (UNITS[unit] ?? 1n),
      isPrefetchable: how.split(", ").includes("prefetchable"),
    },
  ];
}

const CXL_VENDOR = "1e98";

function cxlOf(lines: readonly TextLine[]): LspciFunction["cxl"] {
  const ids = lines.flatMap(({ text }) => {
    return new RegExp(`Vendor=${CXL_VENDOR} ID=([0-9a-f]{4})`).exec(text)?.[1] ?? [];
  });
  if (ids.length === 0) return null;
  const caps = lines.flatMap(({ text }) => /CXLCap:\s*(.*)$/.exec(text)?.[1] ?? []);
  return { ids, caps: setWords(caps[0] ?? "") };
}
