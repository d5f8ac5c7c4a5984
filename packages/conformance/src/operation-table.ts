// The order, kind and defaults of every operation's arguments in the array form of a case file.
// Reading, checking and printing operations all follow this one table.

import type { CaseOp, OperationArguments, OperationName } from "./operation.ts";

/** What an argument may be: a number of some meaning, or one of a set of words. */
export type ArgumentKind =
  /** A window page, or the pages of a range: a non-negative integer. */
  | "count"
  | "device"
  | "process"
  /** A node number, or -1 for none. */
  | "node"
  | "file"
  | "bit"
  | "int"
  | readonly string[];

/** One argument: its name, what it may be, and its value where the file leaves it out. */
export type ArgumentSpec = readonly [name: string, kind: ArgumentKind, byDefault?: number];

type ArgumentTable = {
  readonly [Name in OperationName]: readonly (readonly [
    name: keyof OperationArguments[Name] & string,
    kind: ArgumentKind,
    byDefault?: number,
  ])[];
};

const PROTECTIONS = ["n", "r", "rw", "w"] as const;
const SHARINGS = ["p", "s", "h"] as const;
const ADVICE = (
  "dontneed free hugepage nohugepage collapse dontfork dofork wipeonfork keeponfork pageout " +
  "cold popread popwrite mergeable unmergeable random normal guard unguard remove dontneedlocked"
).split(" ");
const RACES = "fork forkwrite munmap mprotect collapse cpuwrite cpuread mremap dontneed move".split(
  " ",
);

const START = ["start", "count"] as const;
const LEN = ["len", "count"] as const;
const DEVICE = ["device", "device"] as const;
const RANGE = [START, LEN] as const;
const DEVICE_RANGE = [DEVICE, START, LEN] as const;
const FILE_RANGE = [
  ["file", "file"],
  ["page", "count"],
  ["len", "count"],
] as const;

/** The arguments of each operation in the order of a case file, after name and process. */
export const OPERATION_TABLE: ArgumentTable = {
  mmap: [START, LEN, ["prot", PROTECTIONS], ["share", SHARINGS]],
  munmap: RANGE,
  mprotect: [START, LEN, ["prot", PROTECTIONS]],
  mremap: [
    START,
    ["oldLen", "count"],
    ["newLen", "count"],
    ["newStart", "count"],
    ["dontUnmap", "bit", 0],
  ],
  madvise: [START, LEN, ["advice", ADVICE]],
  rd: RANGE,
  wr: RANGE,
  wc: [START, LEN, ["value", "count"]],
  fork: [["child", "process"]],
  exit: [],
  open: [DEVICE],
  close: [DEVICE],
  dread: DEVICE_RANGE,
  dwrite: DEVICE_RANGE,
  dwc: [DEVICE, START, LEN, ["value", "count"]],
  todev: DEVICE_RANGE,
  tosys: DEVICE_RANGE,
  excl: DEVICE_RANGE,
  chkexcl: DEVICE_RANGE,
  snap: DEVICE_RANGE,
  flags: [DEVICE, ["value", "count"]],
  reldev: [DEVICE],
  move: [START, LEN, ["node", "node"], ["all", "bit", 0]],
  mpol: [["node", "node"]],
  mbind: [START, LEN, ["node", "node"], ["flags", "count"]],
  migpages: [
    ["from", "node"],
    ["to", "node"],
  ],
  mlock: RANGE,
  munlock: RANGE,
  pin: [START, LEN, ["flags", "count"]],
  unpin: [],
  khscan: [],
  khset: [
    ["none", "count"],
    ["swap", "count"],
    ["shared", "count"],
  ],
  thp: [["enabled", ["always", "madvise", "never"]]],
  cpu: [["cpu", "count"]],
  thread: [],
  nscan: [["advances", "count", 3]],
  ksmscan: [["scans", "count", 5]],
  ksmset: [["useZeroPages", "bit"]],
  fmap: [
    START,
    LEN,
    ["prot", PROTECTIONS],
    ["share", SHARINGS],
    ["file", "file"],
    ["offset", "count"],
  ],
  fwr: FILE_RANGE,
  frd: FILE_RANGE,
  ftrunc: [
    ["file", "file"],
    ["nrPages", "count"],
  ],
  fpunch: FILE_RANGE,
  uffd: [START, LEN, ["mode", "count"], ["feature", "bit"]],
  uffdun: RANGE,
  uffdwp: [START, LEN, ["on", "bit"]],
  uffdcopy: [START, LEN, ["wp", "bit"]],
  uffdzero: RANGE,
  uffdpoison: RANGE,
  uffdmove: [START, LEN, ["source", "count"], ["mode", "count"]],
  uffdclose: [],
  race: [["kind", RACES], DEVICE, START, LEN, ["milliseconds", "count"], ["seed", "int"]],
};

/** Whether a word names an operation. */
export function isOperationName(word: string): word is OperationName {
  return Object.hasOwn(OPERATION_TABLE, word);
}

/** The largest value of each bounded number, and -1 where it is allowed. */
const BOUNDS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  count: [0, Number.MAX_SAFE_INTEGER],
  int: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  device: [0, 3],
  process: [0, 2],
  node: [-1, 1],
  file: [0, 3],
  bit: [0, 1],
};

/** Why a value does not fit an argument, or null when it does. */
export function argumentProblem(kind: ArgumentKind, value: unknown): string | null {
  if (typeof kind !== "string") {
    if (typeof value === "string" && kind.includes(value)) return null;
    return `must be one of ${kind.join(", ")}`;
  }
  const [least, most] = BOUNDS[kind] ?? [0, 0];
  if (!Number.isSafeInteger(value)) return "must be an integer";
  if ((value as number) >= least && (value as number) <= most) return null;
  return most > 3 ? `must be at least ${least}` : `must lie between ${least} and ${most}`;
}

/** The operation as a case file's text line has it: words separated by spaces. */
export function formatOp(op: CaseOp): string {
  const values: Readonly<Record<string, unknown>> = { ...op };
  const words: unknown[] = [op.name, op.process];
  const specs: readonly ArgumentSpec[] = OPERATION_TABLE[op.name];
  for (const [name, , byDefault] of specs) {
    if (values[name] !== byDefault) words.push(values[name]);
  }
  return words.join(" ");
}
