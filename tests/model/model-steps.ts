// What each step of a scenario does to the model, and what it may answer.
import type { PlannedStep, Step, StepOutcome } from "@faultline/scenario";
import { produce } from "immer";
import {
  allows,
  cellOf,
  type Model,
  type ModelPage,
  type ModelProcess,
  setValue,
  zeroCell,
} from "./model-state.ts";

/** The model after a step, and what its outcome contradicts. */
export interface Advanced {
  readonly model: Model;
  /** Null when the outcome is one the model allows. */
  readonly problem: string | null;
}

/** A step under way: `model` and `process` are drafts that may be changed. */
interface Scene {
  readonly model: Model;
  readonly process: ModelProcess;
  readonly planned: PlannedStep;
  readonly outcome: StepOutcome;
}

/** Results a step may answer; null when the model does not know. */
type Allowed = readonly string[] | null;

const OK: Allowed = ["ok"];

/** Advances the model by a step that answered `outcome`. */
export function advance(model: Model, planned: PlannedStep, outcome: StepOutcome): Advanced {
  let allowed: Allowed = null;
  let wrongValue: string | null = null;
  const next = produce(model, (draft) => {
    const process = draft.processes.get(planned.process) as ModelProcess;
    const scene: Scene = { model: draft, process, planned, outcome };
    allowed = apply(scene);
    wrongValue = checkValues(scene);
  });
  return { model: next, problem: problemOf(allowed, outcome) ?? wrongValue };
}

function problemOf(allowed: Allowed, { result }: StepOutcome): string | null {
  if (allowed === null || allowed.includes(result)) return null;
  return `the step answered ${result}, not ${allowed.join(" or ")}`;
}

function apply(scene: Scene): Allowed {
  const { step } = scene.planned;
  switch (step.do) {
    case "mmap":
      return mmap(scene, step);
    case "munmap":
      for (const page of pagesOf(scene)) scene.process.pages.delete(page);
      return OK;
    case "mprotect":
      return mprotect(scene, step.prot);
    case "madvise":
      return madvise(scene, step.advice);
    case "mremap":
      return mremap(scene, step.dontunmap);
    case "mlock":
      lockUntilHole(scene, true);
      return null;
    case "munlock":
      return lockUntilHole(scene, false) ? OK : ["ENOMEM"];
    case "read":
      return firstRefusal(scene, (page) => page.canRead || page.canWrite) === null
        ? OK
        : ["SIGSEGV"];
    case "write":
      return write(scene);
    case "fork":
      return fork(scene, step.as);
    case "exit":
      scene.model.processes.delete(scene.planned.process);
      return OK;
    case "oom_reap":
    case "pin":
    case "mbind":
    case "move_pages":
      return null;
    case "close_device":
      return scene.process.devices.delete(step.device) ? OK : ["EBADF"];
    case "set_mempolicy":
    case "set_cpu":
    case "unpin":
    case "khugepaged":
    case "ksm":
    case "numa_scan":
    case "check":
    case "check_counters":
    case "link_down":
    case "link_up":
    case "set_acs":
    case "unplug":
    case "advance":
    case "wait":
    case "fork_and_exit":
    case "churn":
    case "workload":
    case "exchange":
      return OK;
    default:
      scene.process.devices.add(step.device);
      return deviceCommand(scene, step);
  }
}

/** Page numbers of the step. */
function pagesOf({ planned }: Scene): number[] {
  return Array.from({ length: planned.nrPages }, (_, i) => planned.start + i);
}

/** The first page that is not mapped or does not satisfy `test`; null when all do. */
function firstRefusal(scene: Scene, test: (page: ModelPage) => boolean): number | null {
  for (const number of pagesOf(scene)) {
    const page = scene.process.pages.get(number);
    if (page === undefined || !test(page)) return number;
  }
  return null;
}

function mmap(scene: Scene, step: Extract<Step, { do: "mmap" }>): Allowed {
  const { model, process, planned } = scene;
  const name = `shared at ${planned.start}`;
  if (step.share === "shared") {
    model.shared.set(name, Array.from({ length: step.pages }, zeroCell));
  }
  for (const [index, page] of pagesOf(scene).entries()) {
    process.pages.set(page, {
      canRead: step.prot.startsWith("r"),
      canWrite: step.prot.endsWith("w"),
      isHugetlb: step.share === "hugetlb",
      isLocked: false,
      isLeftOutOfForks: false,
      isWipedInForks: false,
      shared: step.share === "shared" ? { name, index } : null,
      cell: zeroCell(),
    });
  }
  return OK;
}

function mprotect(scene: Scene, prot: string): Allowed {
  for (const number of pagesOf(scene)) {
    const page = scene.process.pages.get(number);
    if (page === undefined) return ["ENOMEM"];
    page.canRead = prot.startsWith("r");
    page.canWrite = prot.endsWith("w");
  }
  return OK;
}

/** Applies to page after page; a page may refuse and ends the call. */
function madvise(scene: Scene, advice: string): Allowed {
  let hasHole = false;
  for (const number of pagesOf(scene)) {
    const page = scene.process.pages.get(number);
    if (page === undefined) hasHole = true;
    else if (!advisePage(page, advice)) return ["EINVAL"];
  }
  if (!ADVICE_WITHOUT_VALUE_RESULTS.has(advice)) return null;
  return hasHole ? ["ENOMEM"] : OK;
}

/** Advice whose answer follows from mappings alone. */
const ADVICE_WITHOUT_VALUE_RESULTS: ReadonlySet<string> = new Set([
  "MADV_DONTNEED",
  "MADV_FREE",
  "MADV_DONTFORK",
  "MADV_DOFORK",
  "MADV_WIPEONFORK",
  "MADV_KEEPONFORK",
]);

function advisePage(page: ModelPage, advice: string): boolean {
  switch (advice) {
    case "MADV_DONTNEED":
      if (page.isLocked) return false;
      page.cell = zeroCell();
      return true;
    case "MADV_FREE":
      if (page.isLocked || page.shared !== null || page.isHugetlb) return false;
      if (page.cell.value !== 0) page.cell.others = [0];
      return true;
    case "MADV_DONTFORK":
    case "MADV_DOFORK":
      page.isLeftOutOfForks = advice === "MADV_DONTFORK";
      return true;
    case "MADV_WIPEONFORK":
      if (page.shared !== null || page.isHugetlb) return false;
      page.isWipedInForks = true;
      return true;
    case "MADV_KEEPONFORK":
      page.isWipedInForks = false;
      return true;
    default:
      return true;
  }
}

function mremap(scene: Scene, dontunmap: boolean): Allowed {
  const { process, planned } = scene;
  const { start, nrPages, otherStart } = planned;
  if (start < otherStart + nrPages && otherStart < start + nrPages) return ["EINVAL"];
  if (!process.pages.has(start)) return ["EFAULT"];
  for (let i = 0; i < nrPages; i++) {
    const page = process.pages.get(start + i);
    // What lies opposite a gap stays.
    if (page === undefined) continue;
    process.pages.set(otherStart + i, { ...page, cell: { ...page.cell } });
    if (dontunmap) {
      page.isLocked = false;
      page.cell = zeroCell();
    } else {
      process.pages.delete(start + i);
    }
  }
  return OK;
}

function lockUntilHole(scene: Scene, isLocked: boolean): boolean {
  for (const number of pagesOf(scene)) {
    const page = scene.process.pages.get(number);
    if (page === undefined) return false;
    if (!page.isHugetlb) page.isLocked = isLocked;
  }
  return true;
}

function write(scene: Scene): Allowed {
  const refused = firstRefusal(scene, (page) => page.canWrite);
  for (const number of pagesOf(scene)) {
    if (number === refused) break;
    setValue(scene.model, scene.process.pages.get(number) as ModelPage, written(scene, number));
  }
  return refused === null ? OK : ["SIGSEGV"];
}

/** What the step writes to a page. */
function written({ planned }: Scene, page: number): number {
  const { step, index, mapping } = planned;
  const value = "value" in step ? step.value : undefined;
  return value ?? (index + 1) * 0x10000 + (page - (mapping?.start ?? 0));
}

function fork({ model, process }: Scene, name: string): Allowed {
  const pages = new Map<number, ModelPage>();
  for (const [number, page] of process.pages) {
    if (page.isLeftOutOfForks) continue;
    const cell = page.isWipedInForks ? zeroCell() : { ...page.cell };
    pages.set(number, { ...page, isLocked: false, cell });
  }
  model.processes.set(name, { pages, devices: new Set() });
  return OK;
}

function deviceCommand(scene: Scene, step: Step): Allowed {
  const isReadable = firstRefusal(scene, (page) => page.canRead) === null;
  const isMovable = firstRefusal(scene, (page) => page.canRead && !page.isHugetlb) === null;
  switch (step.do) {
    case "device_read":
      return isReadable ? OK : deviceReadRefused(scene);
    case "device_write":
      return deviceWrite(scene);
    case "migrate_to_device":
      return isMovable ? ["ok", "ENOENT"] : ["EINVAL"];
    case "migrate_to_system":
      return isMovable ? OK : ["EINVAL"];
    default:
      return null;
  }
}

/** A page that is held exclusively may be read even where the mapping is write-only. */
function deviceReadRefused(scene: Scene): Allowed {
  const isExclusivePossible = firstRefusal(scene, (page) => page.canRead || page.canWrite) === null;
  return isExclusivePossible ? ["ok", "EFAULT"] : ["EFAULT"];
}

/**
 * A device write that fails has written an unknown part of the range. It may fail where a process
 * could write: on a page of its own memory that fork made read-only.
 */
function deviceWrite(scene: Scene): Allowed {
  const { model, process, outcome } = scene;
  for (const number of pagesOf(scene)) {
    const page = process.pages.get(number);
    if (page === undefined) continue;
    const value = written(scene, number);
    if (outcome.result === "ok") setValue(model, page, value);
    else cellOf(model, page).others.push(value);
  }
  const isWritable = firstRefusal(scene, (page) => page.canRead && page.canWrite) === null;
  return isWritable ? ["ok", "EFAULT"] : ["EFAULT", "EPERM"];
}

/** Compares the values that a read returned. */
function checkValues({ model, process, planned, outcome }: Scene): string | null {
  for (const [i, value] of (outcome.values ?? []).entries()) {
    const page = process.pages.get(planned.start + i);
    if (page === undefined) return `page ${planned.start + i} was read, yet it is not mapped`;
    const cell = cellOf(model, page);
    if (allows(cell, value)) continue;
    return `page ${planned.start + i} was read as ${value}, not ${cell.value}`;
  }
  return null;
}
