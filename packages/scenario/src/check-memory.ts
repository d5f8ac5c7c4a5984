// Sizes that a machine cannot have: memory too small for its page geometry, or more of anything
// than the model can number.
import type { PageGeometry } from "@faultline/core";
import { type Diagnostic, diagnosticFor, type YamlSource } from "@faultline/diagnostics";
import type { MachineDocument } from "@faultline/platform";
import { machineScenario } from "./machine-scenario.ts";
import { type PlannedMachine, plannedMachine } from "./planned-machine.ts";
import { parseSizeBytes } from "./schema/fields.ts";
import type { ScenarioDocument } from "./schema/scenario-schema.ts";

/** Page frames are numbered in 32 bits; half of the numbers are for devices. */
const MAX_SYSTEM_PAGES = 2 ** 31;

/** Each slot of the swap device exists from the start. */
const MAX_SWAP_PAGES = 2 ** 24;

/** A size that cannot be, and where a scenario says it. */
interface SizeProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint: string;
}

/** Problems of the sizes in `machine:`. */
export function checkMemory(
  yaml: YamlSource,
  { machine }: ScenarioDocument,
  planned: PlannedMachine,
): Diagnostic[] {
  return sizeProblems(machine, planned).map(({ path, message, hint }) => {
    return yaml.diagnostic(path, "E_VALUE_RANGE", message, { hint });
  });
}

/** Problems of the sizes of a machine that no scenario is about: it cannot be a world then. */
export function machineMemoryProblems(file: string, machine: MachineDocument): Diagnostic[] {
  const document = machineScenario(machine);
  const planned = plannedMachine(document, machine);
  return sizeProblems(document.machine, planned).map(({ message, hint }) => {
    return diagnosticFor(file, "E_VALUE_RANGE", message, { hint });
  });
}

function sizeProblems(
  machine: ScenarioDocument["machine"],
  { geometry, nodes, devices }: PlannedMachine,
): SizeProblem[] {
  const pageBytes = 2 ** geometry.pageShift;
  const pagesOf = (size: string): number => parseSizeBytes(size) / pageBytes;
  const problems: SizeProblem[] = [];
  const report = (path: SizeProblem["path"], message: string, hint: string): void => {
    problems.push({ path, message, hint });
  };
  let total = 0;
  for (const [n, { memoryBytes }] of nodes.entries()) {
    const isOwn = machine.nodes !== undefined;
    const path = isOwn ? ["machine", "nodes", n, "memory"] : ["machine"];
    const memory = machine.nodes?.[n]?.memory ?? sizeText(geometry, memoryBytes / pageBytes);
    const least = leastPages(geometry, n);
    const nrPages = memoryBytes / pageBytes;
    total += nrPages;
    if (nrPages < least && (isOwn || nrPages > 0 || n === 0)) {
      const hint = `node ${n} of ${geometry.name} needs at least ${sizeText(geometry, least)}`;
      report(path, `too little memory: ${memory}`, hint);
    } else if (total > MAX_SYSTEM_PAGES) {
      const hint = `all nodes together have at most ${sizeText(geometry, MAX_SYSTEM_PAGES)}`;
      report(path, `too much memory: ${memory}`, hint);
    }
  }
  const leastOfDevice = 2 ** geometry.maxPageOrder;
  for (const { name, memoryBytes } of devices) {
    if (memoryBytes === null || memoryBytes >= leastOfDevice * pageBytes) continue;
    const size = sizeText(geometry, memoryBytes / pageBytes);
    const hint = `with ${geometry.name} a device has ${sizeText(geometry, leastOfDevice)} or more`;
    report(["machine", "file"], `${name} has too little memory: ${size}`, hint);
  }
  if (machine.swap !== undefined && pagesOf(machine.swap) > MAX_SWAP_PAGES) {
    const hint = `at most ${sizeText(geometry, MAX_SWAP_PAGES)}`;
    report(["machine", "swap"], `too much swap: ${machine.swap}`, hint);
  }
  if (machine.swap !== undefined && pagesOf(machine.swap) < 1) {
    report(["machine", "swap"], `too little swap: ${machine.swap}`, "at least one page");
  }
  return problems;
}

/** A node has whole blocks of the largest order; the first one also holds the zero pages. */
function leastPages(geometry: PageGeometry, node: number): number {
  return (node === 0 ? 2 : 1) << geometry.maxPageOrder;
}

function sizeText(geometry: PageGeometry, nrPages: number): string {
  const mebibytes = (nrPages * 2 ** geometry.pageShift) / 2 ** 20;
  if (mebibytes >= 2 ** 20) return `${mebibytes / 2 ** 20}TiB`;
  return mebibytes >= 2 ** 10 ? `${mebibytes / 2 ** 10}GiB` : `${mebibytes}MiB`;
}
