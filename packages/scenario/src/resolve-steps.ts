// Checking that the names in the steps mean something at the time they are used, and laying out the
// mappings. Address layout is fixed here, so that the same file always gives the same addresses.
import {
  type Diagnostic,
  type DocumentPath,
  hintForName,
  type YamlSource,
} from "@faultline/diagnostics";
import type { AccessTrace } from "@faultline/platform";
import type { LoadedTraces } from "./load-traces.ts";
import type { PlannedMapping, PlannedStep } from "./plan.ts";
import type { PlannedMachine } from "./planned-machine.ts";
import type { ScenarioDocument } from "./schema/scenario-schema.ts";
import type { Step } from "./schema/step-schema.ts";

/** The member of an exchange that is a thread of a CPU. */
export const CPU_MEMBER = "cpu";

/** Mappings start here: 4 GiB with 4 KiB pages. */
const FIRST_PAGE = 0x100000;

/** Each page of each mapping is looked at after each step. */
const MAX_MAPPED_PAGES = 2 ** 22;

interface KnownProcess {
  readonly mappings: Map<string, PlannedMapping>;
  isAlive: boolean;
}

/** What names are called together, where an s is not enough. */
const PLURALS: Readonly<Record<string, string>> = {
  process: "processes",
  "function with ACS": "functions with ACS",
};

/** Walks the steps in order, as they will run. */
class StepResolver {
  readonly diagnostics: Diagnostic[] = [];
  readonly steps: PlannedStep[] = [];
  private readonly traces: LoadedTraces;
  private readonly yaml: YamlSource;
  private readonly document: ScenarioDocument;
  private readonly machine: PlannedMachine;
  private readonly processes: Map<string, KnownProcess> = new Map();
  private readonly blockPages: number;
  private nextPage = FIRST_PAGE;
  private nrMappedPages = 0;

  constructor(
    yaml: YamlSource,
    document: ScenarioDocument,
    machine: PlannedMachine,
    traces: LoadedTraces,
  ) {
    this.traces = traces;
    this.yaml = yaml;
    this.document = document;
    this.machine = machine;
    this.blockPages = 1 << machine.geometry.pmdOrder;
    for (const [i, { name }] of document.processes.entries()) {
      this.declareProcess(name, new Map(), ["processes", i, "name"]);
    }
  }

  resolve(step: Step, index: number): void {
    const path = ["steps", index];
    const process = step.process ?? (this.document.processes[0] as { name: string }).name;
    const known = this.processes.get(process);
    if (known === undefined) {
      this.unknown([...path, "process"], "process", process, [...this.processes.keys()]);
      return;
    }
    if (!known.isAlive) {
      this.report([...path, "process"], "E_NAME_UNKNOWN", `process has exited: ${process}`);
      return;
    }
    this.checkNames(step, path);
    if (step.do === "mmap") this.declareMapping(step, known, path);
    if (step.do === "fork") {
      this.declareProcess(step.as, new Map(known.mappings), [...path, "as"]);
    }
    const range = this.rangeOf(step, known, path);
    const otherStart = this.otherStart(step, known, path);
    if (step.do === "exit") known.isAlive = false;
    if (range === null) return;
    const place = this.yaml.place(path);
    const otherFile = place.file === this.yaml.source.file ? null : place.file;
    const trace = this.traces.get(index) ?? null;
    if (trace !== null) this.checkTrace(trace, range.nrPages, path);
    const planned = { index, step, process, ...range, otherStart, trace, place, otherFile };
    this.steps.push(planned);
  }

  private rangeOf(
    step: Step,
    known: KnownProcess,
    path: DocumentPath,
  ): Pick<PlannedStep, "mapping" | "start" | "nrPages"> | null {
    if (step.do === "mmap") {
      const mapping = known.mappings.get(step.name) as PlannedMapping;
      return { mapping, start: mapping.start, nrPages: mapping.nrPages };
    }
    if (!("at" in step) || step.at === undefined) return { mapping: null, start: 0, nrPages: 0 };
    const found = this.lookUp(step.at, known, [...path, "at"]);
    if (found === null) return null;
    const rest = found.mapping.nrPages - found.offset;
    const nrPages = step.pages ?? rest;
    if (nrPages > rest) {
      this.report(
        [...path, "pages"],
        "E_VALUE_RANGE",
        `pages: ${nrPages} reach past the end of ${found.mapping.name}`,
        `${found.mapping.name} has ${found.mapping.nrPages} pages, ${rest} from ${step.at} on`,
      );
      return null;
    }
    if (step.do === "device_faults") this.checkEntries(step, nrPages, path);
    if (step.do === "exchange") this.checkExchange(step, nrPages, path);
    if (step.do === "workload" && step.pattern === "graph" && nrPages < 2) {
      const hint = "a graph has a page of edges at least, and one of vertices";
      this.report([...path, "at"], "E_VALUE_RANGE", "pages: 1 is too few for a graph", hint);
    }
    return { mapping: found.mapping, start: found.mapping.start + found.offset, nrPages };
  }

  /** Entries of a fault buffer are about pages of their range. */
  private checkEntries(
    { entries }: Extract<Step, { do: "device_faults" }>,
    nrPages: number,
    path: DocumentPath,
  ): void {
    for (const [i, { page }] of entries.entries()) {
      if (page < nrPages) continue;
      this.report(
        [...path, "entries", i, "page"],
        "E_VALUE_RANGE",
        `page outside the range: ${page}`,
        `the range has ${nrPages} pages, 0 to ${nrPages - 1}`,
      );
    }
  }

  /** The range has room for every page of a trace. */
  private checkTrace(trace: AccessTrace, nrPages: number, path: DocumentPath): void {
    if (trace.nrPages <= nrPages) return;
    const message = `pages: ${nrPages} are too few for the ${trace.nrPages} of the trace`;
    const hint = "pages of a trace are numbered without the gaps between them";
    this.report([...path, "at"], "E_VALUE_RANGE", message, hint);
  }

  /** Every member, and every slot, has a page at least. */
  private checkExchange(
    { pattern, members, slots = 2 }: Extract<Step, { do: "exchange" }>,
    nrPages: number,
    path: DocumentPath,
  ): void {
    const known = [CPU_MEMBER, ...this.machine.devices.map(({ name }) => name)];
    for (const [i, name] of members.entries()) {
      if (!known.includes(name)) this.unknown([...path, "members", i], "member", name, known);
    }
    const least = pattern === "stencil" ? members.length : pattern === "pipeline" ? slots : 1;
    if (nrPages >= least) return;
    const what = pattern === "stencil" ? "members" : "slots";
    const message = `pages: ${nrPages} are too few for ${least} ${what}`;
    this.report([...path, "at"], "E_VALUE_RANGE", message, `each of the ${what} has a page`);
  }

  /** The second place of a step that has one. */
  private otherStart(step: Step, known: KnownProcess, path: DocumentPath): number {
    if (step.do === "mremap") {
      const target = this.lookUp(step.to, known, [...path, "to"]);
      return target === null ? 0 : target.mapping.start + target.offset;
    }
    if (step.do !== "check" || step.same_frame_as === undefined) return 0;
    const owner = step.of === undefined ? known : this.processes.get(step.of);
    if (owner === undefined) {
      this.unknown([...path, "of"], "process", String(step.of), [...this.processes.keys()]);
      return 0;
    }
    const found = this.lookUp(step.same_frame_as, owner, [...path, "same_frame_as"]);
    return found === null ? 0 : found.mapping.start + found.offset;
  }

  private lookUp(
    place: string,
    known: KnownProcess,
    path: DocumentPath,
  ): { mapping: PlannedMapping; offset: number } | null {
    const [name = "", offsetText = "0"] = place.split("+");
    const mapping = known.mappings.get(name);
    if (mapping === undefined) {
      this.unknown(path, "mapping", name, [...known.mappings.keys()]);
      return null;
    }
    const offset = Number(offsetText);
    if (offset < mapping.nrPages) return { mapping, offset };
    this.report(
      path,
      "E_VALUE_RANGE",
      `page outside the mapping: ${place}`,
      `${name} has ${mapping.nrPages} pages, 0 to ${mapping.nrPages - 1}`,
    );
    return null;
  }

  private declareProcess(
    name: string,
    mappings: Map<string, PlannedMapping>,
    path: DocumentPath,
  ): void {
    if (this.processes.has(name)) {
      this.report(path, "E_NAME_DUPLICATE", `process declared twice: ${name}`);
      return;
    }
    this.processes.set(name, { mappings, isAlive: true });
  }

  private declareMapping(
    step: Extract<Step, { do: "mmap" }>,
    known: KnownProcess,
    path: DocumentPath,
  ): void {
    if (known.mappings.has(step.name)) {
      this.report([...path, "name"], "E_NAME_DUPLICATE", `mapping declared twice: ${step.name}`);
      return;
    }
    if (this.nrMappedPages + step.pages > MAX_MAPPED_PAGES) {
      const hint = `all mappings together have at most ${MAX_MAPPED_PAGES} pages`;
      this.report([...path, "pages"], "E_VALUE_RANGE", `too many pages: ${step.pages}`, hint);
      known.mappings.set(step.name, { name: step.name, start: this.nextPage, nrPages: step.pages });
      return;
    }
    this.nrMappedPages += step.pages;
    known.mappings.set(step.name, {
      name: step.name,
      start: this.nextPage,
      nrPages: step.pages,
    });
    // A block of nothing between mappings keeps them from merging into one VMA.
    this.nextPage += (Math.ceil(step.pages / this.blockPages) + 1) * this.blockPages;
  }

  /** Devices and links that a step names. */
  private checkNames(step: Step, path: DocumentPath): void {
    const { devices, links, acsFunctions } = this.machine;
    const names = devices.map(({ name }) => name);
    const check = (key: string, kind: string, name: string | undefined, known: string[]): void => {
      if (name === undefined || known.includes(name)) return;
      this.unknown([...path, key], kind, name, known);
    };
    if ("device" in step) check("device", "device", step.device, names);
    if (step.do === "device_read" || step.do === "device_write") {
      check("address_of", "device", step.address_of, names);
    }
    if (step.do === "check") check("seen_by", "device", step.seen_by, names);
    if (step.do === "request_migration") check("to", "device", step.to, names);
    if (step.do === "device_advise") {
      const places = ["default", "system", ...names];
      check("preferred_location", "place", step.preferred_location, places);
    }
    if (step.do === "link_down" || step.do === "link_up") {
      check("link", "link", step.link, [...links]);
      if (step.do === "link_down" && step.every !== undefined && step.for === undefined) {
        const hint = "for: how long it is down each time";
        this.report([...path, "every"], "E_KEY_MISSING", "missing beside every: for", hint);
      }
    }
    if (step.do === "set_acs") {
      check("function", "function with ACS", step.function, [...acsFunctions]);
    }
  }

  private unknown(path: DocumentPath, kind: string, name: string, known: string[]): void {
    const plural = PLURALS[kind] ?? `${kind}s`;
    this.report(
      path,
      "E_NAME_UNKNOWN",
      `unknown ${kind}: ${name}`,
      hintForName(plural, name, known),
    );
  }

  private report(
    path: DocumentPath,
    code: Diagnostic["code"],
    message: string,
    hint?: string,
  ): void {
    this.diagnostics.push(this.yaml.diagnostic(path, code, message, { hint }));
  }
}

/** The steps with every place resolved, and what is wrong with them. */
export function resolveSteps(
  yaml: YamlSource,
  document: ScenarioDocument,
  machine: PlannedMachine,
  traces: LoadedTraces,
): { steps: readonly PlannedStep[]; diagnostics: readonly Diagnostic[] } {
  const resolver = new StepResolver(yaml, document, machine, traces);
  for (const [index, step] of document.steps.entries()) resolver.resolve(step, index);
  return { steps: resolver.steps, diagnostics: resolver.diagnostics };
}
