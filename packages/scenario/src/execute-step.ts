// Running one step: the system call or device command, and what it answered. A step is a verb, so
// that a host with a clock can run it too.
import {
  EFAULT,
  type MmStruct,
  MPOL_BIND,
  type Mempolicy,
  type TaskStruct,
  type World,
} from "@faultline/core";
import {
  ACCESS_WAIT,
  cpuAccess,
  DeadlockError,
  khugepagedScan,
  ksmScan,
  pinUserPages,
  PROT_NONE,
  PROT_READ,
  PROT_WRITE,
  readPageContent,
  runToCompletion,
  sysExit,
  sysFork,
  MPOL_MF_MOVE,
  oomReapTaskMm,
  sysMadvise,
  sysMbind,
  sysMlock,
  sysMmap,
  sysMovePages,
  sysMprotect,
  sysMremap,
  sysMunlock,
  sysMunmap,
  sysSetMempolicy,
  taskNumaWork,
  unpinUserPages,
  type Verb,
  writePageContent,
} from "@faultline/engine";
import { accessResult } from "./access-result.ts";
import { flapLink, setAcs, setLink, unplug } from "./change-machine.ts";
import { closeAllDevices, deviceCommandVerb, isDeviceCommand } from "./execute-device-command.ts";
import { exchangeVerb } from "./exchange.ts";
import type { PlannedStep } from "./plan.ts";
import { type RunningProcess, runningProcess, type ScenarioMachine } from "./scenario-machine.ts";
import { parseTimePs } from "./schema/fields.ts";
import type { Step } from "./schema/step-schema.ts";
import { defaultValue, outcomeOf, type StepOutcome } from "./step-outcome.ts";
import { workloadVerb } from "./workload.ts";

/** Where `churn` maps: far behind every named mapping. */
const FIRST_SCRATCH_PAGE = 2 ** 30;

type StepOf<Name extends Step["do"]> = Extract<Step, { do: Name }>;

/** Runs a step that is not a check, without a clock. */
export function executeStep(machine: ScenarioMachine, planned: PlannedStep): StepOutcome {
  try {
    return runToCompletion(stepVerb(machine, planned));
  } catch (error) {
    // A call that waits for memory, or for a page that a driver keeps, is given up.
    if (!(error instanceof DeadlockError) || error.wait.reason !== "allocation") throw error;
    machine.world.pendingWait = null;
    return { result: "OOM" };
  }
}

/** A step that is not a check, as a verb. */
export function* stepVerb(machine: ScenarioMachine, planned: PlannedStep): Verb<StepOutcome> {
  const process = machine.processes.get(planned.process) as RunningProcess;
  const { step } = planned;
  if (isDeviceCommand(step)) return yield* deviceCommandVerb(machine, process, step, planned);
  switch (step.do) {
    case "read":
      return readPages(machine, process, planned);
    case "write":
      return writePages(machine, process, planned, step.value);
    case "fork":
      return yield* forkProcess(machine, process, step.as);
    case "exit":
      return yield* exitProcess(machine, process);
    case "fork_and_exit":
      return outcomeOf(yield* forkAndExit(machine, process, planned));
    case "churn":
      return outcomeOf(yield* churn(machine, process, planned, step.pages));
    case "link_down":
      return step.for === undefined ? setLink(machine, step.link, false) : flapLink(machine, step);
    case "link_up":
      return setLink(machine, step.link, true);
    case "set_acs":
      return setAcs(machine, step.function, step.control);
    case "unplug":
      return unplug(machine, step.device);
    case "advance":
      machine.advance(parseTimePs(step.time));
      return { result: "ok" };
    case "move_pages":
      return yield* movePages(machine, process, planned, step.node);
    case "workload":
      return yield* workloadVerb(machine, process, planned, step);
    case "exchange":
      return yield* exchangeVerb(machine, process, planned, step);
    case "pin":
      return pinPages(machine, process, planned, step.write);
    case "unpin":
      return unpinPages(machine, process);
    default:
      return outcomeOf(yield* systemCall(machine, process, planned));
  }
}

const PROT_BITS = {
  none: PROT_NONE,
  r: PROT_READ,
  w: PROT_WRITE,
  rw: PROT_READ | PROT_WRITE,
} as const;

function* systemCall(
  { world }: ScenarioMachine,
  { task }: RunningProcess,
  { step, start, nrPages, otherStart }: PlannedStep,
): Verb {
  switch (step.do) {
    case "mmap": {
      const rc = yield* sysMmap(world, task, mmapRequest(step, start, nrPages));
      if (rc >= 0) noteSegment(task.mm, step.segment, start, nrPages);
      return rc;
    }
    case "munmap":
      return yield* sysMunmap(world, task, start, nrPages);
    case "mprotect":
      return yield* sysMprotect(world, task, start, nrPages, PROT_BITS[step.prot]);
    case "madvise":
      return yield* sysMadvise(world, task, start, nrPages, step.advice);
    case "mremap":
      return yield* sysMremap(world, task, start, nrPages, nrPages, otherStart, {
        dontunmap: step.dontunmap,
      });
    case "mlock":
      return yield* sysMlock(world, task, start, nrPages);
    case "munlock":
      return yield* sysMunlock(world, task, start, nrPages);
    case "set_mempolicy":
      return sysSetMempolicy(world, task, policyOf(step.node));
    case "mbind": {
      const flags = step.move ? MPOL_MF_MOVE : 0;
      return yield* sysMbind(world, task, start, nrPages, policyOf(step.node), flags);
    }
    case "set_cpu":
      task.cpu = step.cpu;
      return 0;
    case "khugepaged":
      return yield* khugepagedScan(world);
    case "ksm":
      return yield* ksmScan(world, step.passes);
    case "numa_scan":
      return yield* taskNumaWork(world, task);
    case "oom_reap":
      return oomReapTaskMm(world, task.mm);
    default:
      return 0;
  }
}

/** Binds to one node; without one the default policy. */
function policyOf(node: number | undefined): Mempolicy | null {
  return node === undefined ? null : { mode: MPOL_BIND, nodes: [node] };
}

function mmapRequest(
  step: StepOf<"mmap">,
  start: number,
  nrPages: number,
): Parameters<typeof sysMmap>[2] {
  return {
    start,
    nrPages,
    prot: PROT_BITS[step.prot],
    shared: step.share === "shared",
    hugetlb: step.share === "hugetlb",
  };
}

/** What exec() and brk() would tell of the program's own memory. */
function noteSegment(
  mm: MmStruct,
  segment: StepOf<"mmap">["segment"],
  start: number,
  nrPages: number,
): void {
  if (segment === "heap") Object.assign(mm, { startBrk: start, brk: start + nrPages });
  if (segment === "stack") mm.startStack = start + nrPages - 1;
}

/** A signal ends the loop: the process would have died there. */
function accessPages(
  machine: ScenarioMachine,
  process: RunningProcess,
  { start, nrPages }: PlannedStep,
  isWrite: boolean,
  then: (page: number) => void,
): string {
  for (let page = start; page < start + nrPages; page++) {
    const access = cpuAccess(machine.world, process.task, page, isWrite);
    // Steps run one after another, so nobody else will end the wait: no memory is left.
    if (access === ACCESS_WAIT) machine.world.pendingWait = null;
    if (access !== 0) return accessResult(access);
    then(page);
  }
  return "ok";
}

function readPages(
  machine: ScenarioMachine,
  process: RunningProcess,
  planned: PlannedStep,
): StepOutcome {
  const values: number[] = [];
  const result = accessPages(machine, process, planned, false, (page) => {
    values.push(readPageContent(machine.world, process.task.mm, page));
  });
  return { result, values };
}

function writePages(
  machine: ScenarioMachine,
  process: RunningProcess,
  planned: PlannedStep,
  value: number | undefined,
): StepOutcome {
  const result = accessPages(machine, process, planned, true, (page) => {
    const token = value ?? defaultValue(planned, page);
    writePageContent(machine.world, process.task.mm, page, token);
  });
  return { result };
}

function* forkProcess(
  machine: ScenarioMachine,
  parent: RunningProcess,
  name: string,
): Verb<StepOutcome> {
  const child = yield* sysFork(machine.world, parent.task);
  if (typeof child === "number") return outcomeOf(child);
  machine.processes.set(name, runningProcess(name, child));
  return { result: "ok" };
}

/** The address space goes first, then the files and the pins, as the kernel does it. */
function* exitProcess(machine: ScenarioMachine, process: RunningProcess): Verb<StepOutcome> {
  yield* sysExit(machine.world, process.task);
  closeAllDevices(machine, process);
  unpinPages(machine, process);
  machine.processes.delete(process.name);
  return { result: "ok" };
}

/** A child that writes some pages and is gone. */
function* forkAndExit(
  { world }: ScenarioMachine,
  { task }: RunningProcess,
  { start, nrPages }: PlannedStep,
): Verb {
  const child = yield* sysFork(world, task);
  if (typeof child === "number") return child;
  const rc = nrPages === 0 ? 0 : yield* populate(world, child, start, nrPages);
  yield* sysExit(world, child);
  return rc;
}

/** Memory for a moment. Each step has a place of its own, as several may be under way. */
function* churn(
  { world }: ScenarioMachine,
  { task }: RunningProcess,
  { index }: PlannedStep,
  nrPages: number,
): Verb {
  const start = FIRST_SCRATCH_PAGE + index * 2 ** 21;
  const prot = PROT_READ | PROT_WRITE;
  const mapped = yield* sysMmap(world, task, { start, nrPages, prot, shared: false });
  if (mapped < 0) return mapped;
  const rc = yield* populate(world, task, start, nrPages);
  const unmapped = yield* sysMunmap(world, task, start, nrPages);
  return rc < 0 ? rc : unmapped;
}

function populate(world: World, task: TaskStruct, start: number, nrPages: number): Verb {
  return sysMadvise(world, task, start, nrPages, "MADV_POPULATE_WRITE");
}

/** Pins in as many calls as it takes; one page that cannot be pinned drops those of this step. */
function pinPages(
  machine: ScenarioMachine,
  process: RunningProcess,
  { start, nrPages }: PlannedStep,
  write: boolean,
): StepOutcome {
  const { world } = machine;
  const { task } = process;
  const pinned: number[] = [];
  while (pinned.length < nrPages) {
    const from = start + pinned.length;
    const request = { write, longterm: true };
    const { rc, pfns } = pinUserPages(world, task, task.mm, from, nrPages - pinned.length, request);
    if (rc <= 0) {
      unpinUserPages(world, pinned);
      return outcomeOf(rc === 0 ? -EFAULT : rc);
    }
    pinned.push(...pfns);
  }
  process.pins = [...process.pins, ...pinned];
  return { result: "ok" };
}

function unpinPages(machine: ScenarioMachine, process: RunningProcess): StepOutcome {
  unpinUserPages(machine.world, process.pins);
  process.pins = [];
  return { result: "ok" };
}

function* movePages(
  machine: ScenarioMachine,
  process: RunningProcess,
  { start, nrPages }: PlannedStep,
  node: number,
): Verb<StepOutcome> {
  const pages = Array.from({ length: nrPages }, (_, i) => start + i);
  const status = new Int32Array(nrPages);
  const nodes = pages.map(() => node);
  const rc = yield* sysMovePages(machine.world, process.task, { pages, nodes, status });
  if (rc < 0) return outcomeOf(rc);
  return { result: "ok", pages: status.reduce((n, s) => n + (s === node ? 0 : 1), 0) };
}
