// The simulator's side of a program: the same steps, what they spend, and how long they take here.
import {
  EFFORT_KIND_NAMES,
  type EffortLog,
  invariant,
  NR_EFFORT_KINDS,
  type TaskStruct,
  World,
} from "@faultline/core";
import {
  cpuAccess,
  MADV_DONTNEED,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  PROT_READ,
  PROT_WRITE,
  runToCompletion,
  sysExit,
  sysFork,
  sysMadvise,
  sysMmap,
  sysMovePages,
  sysMprotect,
  sysMunmap,
} from "@faultline/engine";
import { type HostProgram, parseSteps, type ProgramStep } from "./host-program.ts";

/** Kernel effort by kind, of order 0 and of higher orders. */
export interface EffortCounts {
  readonly effort: Readonly<Record<string, number>>;
  readonly hugeEffort: Readonly<Record<string, number>>;
}

/** What the timed part of a program spends. */
export interface SimulatedProgram {
  readonly all: EffortCounts;
  /** By the word of the steps that spent it. */
  readonly byStep: ReadonlyMap<string, EffortCounts>;
  /** How many timed steps there are of each word. */
  readonly nrSteps: ReadonlyMap<string, number>;
  /** Of this machine's time, for the timed part. */
  readonly wallNs: number;
}

const START = 2 ** 20;
const NODE_PAGES = 2 ** 19;
const NS_PER_MS = 1e6;

/** Runs programs, one after another, in one machine. */
export class ProgramSimulator {
  private readonly world: World;
  private readonly task: TaskStruct;
  private readonly log: EffortCounter;

  constructor() {
    const node = { nrPages: NODE_PAGES, cpus: [0] };
    this.world = new World({ nodes: [node, { nrPages: NODE_PAGES, cpus: [] }] });
    this.task = this.world.createTask(0);
    this.log = new EffortCounter(this.world.effort);
  }

  run({ steps }: HostProgram): SimulatedProgram {
    const run = new ProgramRun(this.world, this.task, this.log);
    for (const step of parseSteps(steps)) run.step(step);
    return run.finish();
  }
}

/** One run of a program, from a task without memory to a task without memory. */
class ProgramRun {
  private readonly world: World;
  private readonly task: TaskStruct;
  private readonly log: EffortCounter;
  private readonly byStep = new Map<string, EffortCounts>();
  private readonly nrSteps = new Map<string, number>();
  private child: TaskStruct | null = null;
  private nrPages = 0;
  private isTimed = false;
  private from = 0;
  private wallMs = 0;

  constructor(world: World, task: TaskStruct, log: EffortCounter) {
    this.world = world;
    this.task = task;
    this.log = log;
    log.clear();
  }

  step(step: ProgramStep): void {
    if (step.word === "start") {
      this.log.clear();
      this.isTimed = true;
      this.from = performance.now();
      return;
    }
    if (step.word === "stop") {
      this.wallMs += performance.now() - this.from;
      this.isTimed = false;
      return;
    }
    this.act(step);
    if (!this.isTimed) return this.log.clear();
    const { word } = step;
    this.byStep.set(word, added(this.byStep.get(word) ?? NOTHING, this.log.take()));
    this.nrSteps.set(word, (this.nrSteps.get(word) ?? 0) + 1);
  }

  finish(): SimulatedProgram {
    if (this.child !== null) this.end();
    must(runToCompletion(sysMunmap(this.world, this.task, START, this.nrPages)));
    this.log.clear();
    const all = [...this.byStep.values()].reduce(added, NOTHING);
    const { byStep, nrSteps } = this;
    return { all, byStep, nrSteps, wallNs: this.wallMs * NS_PER_MS };
  }

  private act(step: ProgramStep): void {
    const { world } = this;
    const [first = 0, count = 0, third = 1] = step.numbers;
    const task = step.isChild ? this.child : this.task;
    invariant(task !== null, "a step of a child that there is not");
    const start = START + first;
    switch (step.word) {
      case "map":
        return this.map(first, step.kind);
      case "read":
      case "write":
        return this.touch(task, start, start + count, step.word === "write", third);
      case "protect":
        return must(runToCompletion(sysMprotect(world, task, start, count, PROT_READ)));
      case "drop":
        return must(runToCompletion(sysMadvise(world, task, start, count, MADV_DONTNEED)));
      case "unmap":
        return must(runToCompletion(sysMunmap(world, task, start, count)));
      case "move":
        return this.move(start, count, third);
      case "fork":
        return this.fork();
      default:
        return this.end();
    }
  }

  private map(nrPages: number, kind: "small" | "huge"): void {
    const { world, task } = this;
    const prot = PROT_READ | PROT_WRITE;
    this.nrPages = nrPages;
    must(runToCompletion(sysMmap(world, task, { start: START, nrPages, prot, shared: false })));
    const advice = kind === "huge" ? MADV_HUGEPAGE : MADV_NOHUGEPAGE;
    must(runToCompletion(sysMadvise(world, task, START, nrPages, advice)));
  }

  private touch(
    task: TaskStruct,
    start: number,
    end: number,
    isWrite: boolean,
    stride: number,
  ): void {
    const { world } = this;
    for (let page = start; page < end; page += stride) must(cpuAccess(world, task, page, isWrite));
  }

  private move(start: number, nrPages: number, node: number): void {
    const pages = Array.from({ length: nrPages }, (_, n) => start + n);
    const nodes = pages.map(() => node);
    const status = new Int32Array(nrPages);
    must(runToCompletion(sysMovePages(this.world, this.task, { pages, nodes, status })));
  }

  private fork(): void {
    const child = runToCompletion(sysFork(this.world, this.task));
    invariant(typeof child !== "number", "fork failed");
    this.child = child;
  }

  private end(): void {
    if (this.child !== null) must(runToCompletion(sysExit(this.world, this.child)));
    this.child = null;
  }
}

/** Adds up the items of an effort log, however many there are. */
class EffortCounter {
  private readonly log: EffortLog;
  private readonly small = new Float64Array(NR_EFFORT_KINDS);
  private readonly huge = new Float64Array(NR_EFFORT_KINDS);

  constructor(log: EffortLog) {
    this.log = log;
    log.onFull = () => this.drain();
  }

  clear(): void {
    this.log.clear();
    this.small.fill(0);
    this.huge.fill(0);
  }

  /** What has been spent since it was asked last. */
  take(): EffortCounts {
    this.drain();
    const counts = { effort: namedCounts(this.small), hugeEffort: namedCounts(this.huge) };
    this.clear();
    return counts;
  }

  private drain(): void {
    const { log } = this;
    for (let i = 0; i < log.length; i++) {
      const kind = log.kind[i] as number;
      if (kind >= NR_EFFORT_KINDS) continue;
      const column = (log.order[i] as number) > 0 ? this.huge : this.small;
      column[kind] = (column[kind] as number) + (log.count[i] as number);
    }
    log.clear();
  }
}

const NOTHING: EffortCounts = { effort: {}, hugeEffort: {} };

function namedCounts(counts: Float64Array): Record<string, number> {
  const named = EFFORT_KIND_NAMES.map((name, kind) => [name, counts[kind] ?? 0] as const);
  return Object.fromEntries(named.filter(([, count]) => count > 0));
}

function added(a: EffortCounts, b: EffortCounts): EffortCounts {
  const sum = (x: Readonly<Record<string, number>>, y: Readonly<Record<string, number>>) =>
    Object.fromEntries(
      [...new Set([...Object.keys(x), ...Object.keys(y)])].map((name) => {
        return [name, (x[name] ?? 0) + (y[name] ?? 0)];
      }),
    );
  return { effort: sum(a.effort, b.effort), hugeEffort: sum(a.hugeEffort, b.hugeEffort) };
}

function must(rc: number): void {
  invariant(rc === 0, `a step of a program failed: ${rc}`);
}
