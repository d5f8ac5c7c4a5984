// Whether the world agrees with the model: the same pages mapped with the same rights, and each of
// them with a value that the model allows.
import { VM_READ, VM_SHARED, VM_WRITE, type VmAreaStruct, type World } from "@faultline/core";
import type { ScenarioMachine } from "@faultline/scenario";
import { produce } from "immer";
import { lookUp } from "./look-up.ts";
import { allows, cellOf, type Model, type ModelPage, setValue } from "./model-state.ts";

/** A page where world and model differ. */
export interface Disagreement {
  readonly process: string;
  readonly page: number;
  readonly message: string;
  /** What the page must contain; null when something else is wrong. */
  readonly value: number | null;
}

/** The first page that differs, or null. */
export function compare(machine: ScenarioMachine, model: Model): Disagreement | null {
  if ([...machine.processes.keys()].join() !== [...model.processes.keys()].join()) {
    return { process: "", page: 0, message: "other processes are alive", value: null };
  }
  for (const [process, { pages }] of model.processes) {
    const mm = machine.processes.get(process)?.task.mm;
    const nrMapped = mm?.vmas.reduce((sum, vma) => sum + vma.nrPages, 0);
    for (const [page, expected] of pages) {
      const vma = mm?.vmaAt(page) ?? null;
      const found = comparePage(machine.world, model, expected, vma, page);
      if (found !== null) return { process, page, ...found };
    }
    if (nrMapped === pages.size) continue;
    const message = `${nrMapped} pages are mapped, not ${pages.size}`;
    return { process, page: 0, message, value: null };
  }
  return null;
}

function comparePage(
  world: World,
  model: Model,
  expected: ModelPage,
  vma: VmAreaStruct | null,
  page: number,
): Pick<Disagreement, "message" | "value"> | null {
  if (vma === null) return { message: "is not mapped", value: null };
  const rights = rightsOf(vma.has(VM_READ), vma.has(VM_WRITE), vma.has(VM_SHARED));
  const { canRead, canWrite, shared } = expected;
  const wanted = rightsOf(canRead, canWrite, shared !== null);
  if (rights !== wanted) return { message: `is mapped ${rights}, not ${wanted}`, value: null };
  const cell = cellOf(model, expected);
  const value = lookUp(world, vma, page);
  if (allows(cell, value)) return null;
  return { message: `contains ${value}, not ${cell.value}`, value: cell.value };
}

function rightsOf(canRead: boolean, canWrite: boolean, isShared: boolean): string {
  return `${canRead ? "r" : "-"}${canWrite ? "w" : "-"}${isShared ? "s" : "p"}`;
}

/** Replaces what a failed device write left open by what the world shows. */
export function settleValues(machine: ScenarioMachine, model: Model): Model {
  const open: { process: string; page: number; value: number }[] = [];
  for (const [process, { pages }] of model.processes) {
    const mm = machine.processes.get(process)?.task.mm;
    for (const [page, modelPage] of pages) {
      const vma = mm?.vmaAt(page) ?? null;
      if (vma === null || cellOf(model, modelPage).others.every((other) => other === 0)) continue;
      open.push({ process, page, value: lookUp(machine.world, vma, page) });
    }
  }
  if (open.length === 0) return model;
  return produce(model, (draft) => {
    for (const { process, page, value } of open) {
      const modelPage = draft.processes.get(process)?.pages.get(page);
      if (modelPage !== undefined) setValue(draft, modelPage, value);
    }
  });
}
