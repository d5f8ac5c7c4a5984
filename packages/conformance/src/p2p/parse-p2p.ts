// Reads lines of machine and answer files. Every problem of a line is reported; a bad line is null.
import { PCI_BRIDGE_KINDS, PCI_KINDS } from "@faultline/core";
import { counting, type Report } from "../json-shape.ts";
import type { RecordedAnswers, RecordedFunction, RecordedMachine } from "./p2p-record.ts";
import {
  boolean,
  byField,
  integer,
  list,
  mapping,
  nullable,
  object,
  oneOf,
  optional,
  type Shape,
  text,
  textOr,
  tuple,
} from "./shape.ts";

const BYTE = integer(0, 0xff);
const BIT = oneOf(0, 1);
const HEX = text(/^[0-9a-f]{1,16}$/, "a hexadecimal number");
const NAME = text(/./, "a non-empty text");
const ROOT = text(/^[0-9a-f]{4,8}:[0-9a-f]{2}$/, "domain:bus");
const IOMMUS = ["intel", "amd"].flatMap((vendor) =>
  ["on", "lazy", "sc", "pt", "off"].map((mode) => `${vendor}-${mode}`),
);

const FUNCTION = object({
  path: NAME,
  bdf: text(/^[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/, "an address such as 0000:3b:00.0"),
  id: text(/^[0-9a-f]{4}:[0-9a-f]{4}$/, "vendor:device"),
  kind: oneOf(...PCI_KINDS),
  upstream: nullable(integer(0)),
  root: ROOT,
  vf: BIT,
  acs: nullable(object({ cap: BYTE, power_up: BYTE, ctrl: BYTE })),
  iommu: oneOf("off", "identity", "translate"),
  iommu_group: nullable(integer(0)),
  provider: optional(
    object({
      bar: integer(0, 5),
      cpu: HEX,
      bus: HEX,
      len: HEX,
      registered: integer(1),
      prefetchable: BIT,
      bits64: BIT,
    }),
  ),
  requester: boolean,
});

const MACHINE = object({
  id: NAME,
  group: NAME,
  cpu: object({ vendor: text(), family: integer(0) }),
  memory_mib: integer(1),
  iommu: oneOf("none", ...IOMMUS),
  boot: object({
    args: list(text()),
    config_acs: list(tuple(text(/^[01x]{1,8}$/, "flags of 0, 1 and x"), NAME)),
    disable_acs_redir: list(NAME),
    noats: boolean,
    swiotlb_force: boolean,
  }),
  runtime_acs: mapping(BYTE),
  later_acs: mapping(BYTE),
  host_bridges: list(object({ root: ROOT, first: integer(0) })),
  functions: list(FUNCTION),
});

const SEGMENTS = textOr(list(tuple(integer(1), text())));
const MAP_TYPE = integer(0, 4);
const DISTANCE = integer(-1);
const HMM = byField(
  "alloc",
  object({ alloc: integer(-4095, 0) }),
  object({
    type: MAP_TYPE,
    iova_state: BIT,
    flags: integer(0, 7),
    addr: text(),
    again_same: optional(BIT),
    unmapped: BIT,
    flags_after: integer(0, 7),
  }),
);
const PAIR = object({
  p: integer(0),
  c: integer(0),
  dist: DISTANCE,
  type: MAP_TYPE,
  phys: HEX,
  hmm: HMM,
  hmm32: HMM,
  sg: SEGMENTS,
  sg32: SEGMENTS,
  mix: SEGMENTS,
  buf: text(),
  buf32: text(),
  res: text(),
});

const ANSWERS = object({
  id: NAME,
  dist: list(list(DISTANCE)),
  pairs: list(PAIR),
  many: list(object({ p: integer(0), set: oneOf(0, 1, 2), n: integer(0), d: DISTANCE })),
  nearest: list(object({ c: integer(0), seen: list(integer(0)) })),
  nonpci: list(
    object({ p: integer(0), parent: integer(-1), dist: DISTANCE, type: MAP_TYPE, sg: SEGMENTS }),
  ),
  warned_unlisted: nullable(integer(0)),
  acs_after: optional(list(object({ i: integer(0), ctrl: BYTE }))),
  pass2: optional(
    list(
      object({
        p: integer(0),
        c: integer(0),
        stale_type: MAP_TYPE,
        dist: DISTANCE,
        fresh_type: MAP_TYPE,
      }),
    ),
  ),
});

function checked<T>(shape: Shape, json: unknown, report: Report): T | null {
  const counter = counting(report);
  shape(json, "", counter.report);
  return counter.errors === 0 ? (json as T) : null;
}

/** A machine from its parsed JSON, or null after reporting what is wrong. */
export function parseMachine(json: unknown, report: Report): RecordedMachine | null {
  const machine = checked<RecordedMachine>(MACHINE, json, report);
  if (machine === null) return null;
  const counter = counting(report);
  checkTree(machine, counter.report);
  return counter.errors === 0 ? machine : null;
}

/** Answers from their parsed JSON, or null after reporting what is wrong. */
export function parseAnswers(json: unknown, report: Report): RecordedAnswers | null {
  return checked<RecordedAnswers>(ANSWERS, json, report);
}

function checkTree({ host_bridges, functions }: RecordedMachine, report: Report): void {
  const roots = new Set(host_bridges.map(({ root }) => root));
  if (roots.size !== host_bridges.length) report("two host bridges have one root bus");
  for (const key of ["path", "bdf"] as const) {
    const values = new Set(functions.map((fn) => fn[key]));
    if (values.size !== functions.length) report(`two functions have one \`${key}\``);
  }
  for (const { first, root } of host_bridges) {
    if (functions[first]?.root !== root) report(`host bridge ${root}: no function ${first}`);
  }
  for (const fn of functions) {
    if (!roots.has(fn.root)) report(`${fn.path}: no host bridge has the root bus ${fn.root}`);
    const problem = upstreamProblem(fn, functions);
    if (problem !== null) report(`${fn.path}: ${problem}`);
  }
}

function upstreamProblem(
  fn: RecordedFunction,
  functions: readonly RecordedFunction[],
): string | null {
  let at: RecordedFunction = fn;
  for (let hops = 0; at.upstream !== null; hops++) {
    const above = functions[at.upstream];
    if (above === undefined) return `there is no function ${at.upstream} above it`;
    if (!PCI_BRIDGE_KINDS.has(above.kind)) return `${above.path} above it is no bridge`;
    if (above.root !== fn.root) return `${above.path} above it is on another root bus`;
    if (hops === functions.length) return "it is above itself";
    at = above;
  }
  return null;
}

/** Whether answers name only functions that the machine has, and providers that are some. */
export function checkAnswersFit(
  { functions }: RecordedMachine,
  answers: RecordedAnswers,
  report: Report,
): void {
  const size = functions.length;
  if (answers.dist.length !== size || answers.dist.some((row) => row.length !== size)) {
    report(`\`dist\` must have ${size} rows of ${size}`);
  }
  const check = (field: string, indices: readonly number[], mustProvide: boolean): void => {
    const bad = indices.find((i) => i >= size || (mustProvide && !functions[i]?.provider));
    if (bad === undefined) return;
    report(`\`${field}\` names function ${bad}, which is ${bad < size ? "no provider" : "none"}`);
  };
  const { pairs, many, nearest, nonpci, acs_after = [], pass2 = [] } = answers;
  for (const [field, rows] of Object.entries({ pairs, many, nonpci, pass2 })) {
    const providers = rows.map(({ p }) => p);
    check(field, providers, true);
  }
  for (const [field, rows] of Object.entries({ pairs, nearest, pass2 })) {
    const clients = rows.map(({ c }) => c);
    check(field, clients, false);
  }
  const seen = nearest.flatMap((row) => row.seen);
  check("nearest", seen, true);
  const others = [...nonpci.map(({ parent }) => parent), ...acs_after.map(({ i }) => i)];
  check("nonpci` or `acs_after", others, false);
}
