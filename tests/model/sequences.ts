// From random numbers to steps: each command is a few numbers that are read against what exists at
// that point, so that every list of commands is a valid scenario and shrinks well.
import type { Step } from "@faultline/scenario";
import fc from "fast-check";
import { DEVICE_NAMES, type MachineChoice } from "./machines.ts";

/** One step before it is known what exists. */
export interface Command {
  /** Which operation. */
  readonly op: number;
  /** Which process and which mapping. */
  readonly who: number;
  /** Where in the mapping, and how much of it. */
  readonly at: number;
  readonly length: number;
  /** A detail of the operation. */
  readonly detail: number;
}

/** A sequence before it is known what exists. */
export interface Sequence {
  readonly machine: number;
  readonly commands: readonly Command[];
}

const small = fc.nat({ max: 255 });

/** Random sequences of at most `maxLength` commands. */
export function sequences(maxLength: number): fc.Arbitrary<Sequence> {
  const command = fc.record({
    op: small,
    who: small,
    at: fc.nat({ max: 4095 }),
    length: small,
    detail: small,
  });
  return fc.record({
    machine: small,
    commands: fc.array(command, { minLength: 1, maxLength, size: "max" }),
  });
}

interface KnownMapping {
  readonly name: string;
  readonly nrPages: number;
  readonly isHugetlb: boolean;
}

interface KnownProcess {
  readonly name: string;
  readonly mappings: KnownMapping[];
}

/** What a command is read against. */
interface Known {
  readonly machine: MachineChoice;
  readonly processes: KnownProcess[];
  nrProcesses: number;
  nrMappings: number;
}

const MAX_PROCESSES = 4;
const MAX_MAPPINGS = 5;

type Operation = (known: Known, process: KnownProcess, command: Command) => Step | null;

function pick<T>(list: readonly T[], n: number): T {
  return list[n % list.length] as T;
}

interface Range {
  readonly at: string;
  readonly pages: number;
}

/** A range of one of the process's mappings: a page, a few, a block, or all the rest. */
function range(known: Known, process: KnownProcess, command: Command): Range | null {
  if (process.mappings.length === 0) return null;
  const mapping = pick(process.mappings, command.who >> 2);
  const { name, nrPages, isHugetlb } = mapping;
  const { blockPages, isTiny } = known.machine;
  // A tiny machine runs out of memory only when its mappings are used whole.
  if (isTiny && command.length % 8 < 5) return { at: name, pages: nrPages };
  const isAligned = isHugetlb || command.length % 4 === 3;
  const anywhere = command.at % nrPages;
  const offset = isAligned ? anywhere - (anywhere % blockPages) : anywhere;
  const some = [1, 2 + (command.length >> 5), nrPages, blockPages][command.length % 4] ?? 1;
  const wanted = isHugetlb ? Math.ceil(some / blockPages) * blockPages : some;
  return { at: `${name}+${offset}`, pages: Math.min(wanted, nrPages - offset) };
}

/** An operation on a range. */
function onRange(build: (process: string, range: Range, command: Command) => object): Operation {
  return (known, process, command) => {
    const found = range(known, process, command);
    return found === null ? null : (build(process.name, found, command) as Step);
  };
}

/** Half of the writes write values that no other page has, the others equal ones. */
function valueOf({ detail }: Command): { value?: number } {
  return detail % 2 === 0 ? {} : { value: [0, 7, 7, 9][(detail >> 1) % 4] ?? 0 };
}

function device(verb: string, detail: object = {}): Operation {
  return onRange((process, at, command) => ({
    do: verb,
    process,
    device: pick(DEVICE_NAMES, command.detail >> 4),
    ...at,
    ...(verb === "device_write" ? valueOf(command) : {}),
    ...detail,
  }));
}

function mmap(known: Known, process: KnownProcess, { at, length, detail }: Command): Step | null {
  if (known.nrMappings >= MAX_MAPPINGS) return null;
  const { blockPages } = known.machine;
  const share = (["private", "private", "private", "shared", "hugetlb"] as const)[detail % 5];
  const nrBlocks = (1 + (length % 3)) * (known.machine.isTiny ? 8 : 1);
  const sizes = [1 + (at % 9), nrBlocks * blockPages, blockPages + (at % 13)];
  const isHugetlb = share === "hugetlb";
  const pages = isHugetlb ? nrBlocks * blockPages : (sizes[length % 3] ?? 1);
  const name = `m${known.nrMappings++}`;
  process.mappings.push({ name, nrPages: pages, isHugetlb });
  const prot = (["rw", "rw", "rw", "r"] as const)[(detail >> 3) % 4] ?? "rw";
  return { do: "mmap", process: process.name, name, pages, prot, share: share ?? "private" };
}

const ADVICE = [
  "MADV_DONTNEED",
  "MADV_FREE",
  "MADV_HUGEPAGE",
  "MADV_HUGEPAGE",
  "MADV_NOHUGEPAGE",
  "MADV_COLLAPSE",
  "MADV_COLLAPSE",
  "MADV_DONTFORK",
  "MADV_DOFORK",
  "MADV_WIPEONFORK",
  "MADV_KEEPONFORK",
  "MADV_PAGEOUT",
  "MADV_PAGEOUT",
  "MADV_COLD",
  "MADV_POPULATE_READ",
  "MADV_POPULATE_WRITE",
  "MADV_MERGEABLE",
  "MADV_MERGEABLE",
  "MADV_UNMERGEABLE",
] as const;

/** Hugetlb memory knows little advice. */
function madvise(known: Known, process: KnownProcess, command: Command): Step | null {
  const found = range(known, process, command);
  if (found === null) return null;
  const { isHugetlb } = pick(process.mappings, command.who >> 2);
  const advice = isHugetlb ? "MADV_DONTNEED" : pick(ADVICE, command.detail);
  return { do: "madvise", process: process.name, ...found, advice };
}

/** Hugetlb memory neither moves nor is moved over. */
function mremap(known: Known, process: KnownProcess, command: Command): Step | null {
  const found = range(known, process, command);
  if (found === null) return null;
  const source = pick(process.mappings, command.who >> 2);
  const target = pick(process.mappings, command.detail >> 2);
  if (source.isHugetlb || target.isHugetlb) return null;
  const { blockPages } = known.machine;
  const anywhere = (command.at >> 3) % target.nrPages;
  const offset = command.length % 4 === 3 ? anywhere - (anywhere % blockPages) : anywhere;
  const pages = Math.min(found.pages, target.nrPages - offset);
  const dontunmap = command.detail % 3 === 0;
  const to = `${target.name}+${offset}`;
  return { do: "mremap", process: process.name, at: found.at, pages, to, dontunmap };
}

function fork(known: Known, process: KnownProcess): Step | null {
  if (known.processes.length >= MAX_PROCESSES) return null;
  const name = `p${known.nrProcesses++}`;
  known.processes.push({ name, mappings: process.mappings.slice() });
  return { do: "fork", process: process.name, as: name };
}

/** The last process stays, so that later steps have somebody to run them. */
function exit(known: Known, process: KnownProcess): Step | null {
  if (known.processes.length === 1) return null;
  known.processes.splice(known.processes.indexOf(process), 1);
  return { do: "exit", process: process.name };
}

const PROTS = ["r", "rw", "rw", "none", "w"] as const;

const write = onRange((process, at, command) => ({
  do: "write",
  process,
  ...at,
  ...valueOf(command),
}));
const read = onRange((process, at) => ({ do: "read", process, ...at }));

/** Common operations stand here more than once. */
const OPERATIONS: readonly Operation[] = [
  mmap,
  mmap,
  write,
  write,
  write,
  write,
  write,
  read,
  read,
  read,
  fork,
  fork,
  exit,
  madvise,
  madvise,
  madvise,
  madvise,
  mremap,
  mremap,
  onRange((process, at) => ({ do: "munmap", process, ...at })),
  onRange((process, at, { detail }) => ({
    do: "mprotect",
    process,
    ...at,
    prot: pick(PROTS, detail),
  })),
  onRange((process, at, { detail }) => ({
    do: "mprotect",
    process,
    ...at,
    prot: pick(PROTS, detail),
  })),
  onRange((process, at) => ({ do: "mlock", process, ...at })),
  onRange((process, at) => ({ do: "munlock", process, ...at })),
  device("device_read"),
  device("device_read"),
  device("device_write"),
  device("device_write"),
  device("migrate_to_device"),
  device("migrate_to_device"),
  device("migrate_to_device"),
  device("migrate_to_device"),
  device("migrate_to_system"),
  device("make_device_exclusive"),
  device("make_device_exclusive"),
  (_known, { name }, { detail }) => ({
    do: "close_device",
    process: name,
    device: pick(DEVICE_NAMES, detail),
  }),
  onRange((process, at, { detail }) => ({ do: "pin", process, ...at, write: detail % 3 !== 0 })),
  (_known, { name }) => ({ do: "unpin", process: name }),
  onRange((process, at, { detail }) => ({ do: "move_pages", process, ...at, node: detail % 2 })),
  (_known, { name }, { detail }) => ({
    do: "set_mempolicy",
    process: name,
    ...(detail % 3 === 2 ? {} : { node: detail % 3 }),
  }),
  (_known, { name }, { detail }) => ({ do: "set_cpu", process: name, cpu: detail % 2 }),
  (_known, { name }) => ({ do: "khugepaged", process: name }),
  (_known, { name }) => ({ do: "ksm", process: name, passes: 2 }),
  (_known, { name }) => ({ do: "numa_scan", process: name }),
];

/** The steps of a sequence. Commands that mean nothing where they stand are left out. */
export function stepsOf(machine: MachineChoice, commands: readonly Command[]): Step[] {
  const known: Known = {
    machine,
    processes: [{ name: "p0", mappings: [] }],
    nrProcesses: 1,
    nrMappings: 0,
  };
  const steps: Step[] = [];
  const length = machine.isTiny ? 1 : 2;
  const first: Command = { op: 0, who: 0, at: 11, length, detail: 0 };
  const initial = mmap(known, known.processes[0] as KnownProcess, first);
  if (initial !== null) steps.push(initial);
  for (const command of commands) {
    const process = pick(known.processes, command.who);
    const step = pick(OPERATIONS, command.op)(known, process, command);
    if (step !== null) steps.push(step);
  }
  return steps;
}
