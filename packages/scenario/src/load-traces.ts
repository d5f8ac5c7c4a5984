// The traces that workloads replay, with the problems of their files.
import type { Diagnostic, SourceText, YamlSource } from "@faultline/diagnostics";
import { hasErrors, hintForName } from "@faultline/diagnostics";
import { type AccessTrace, looksLikeLackey, parseLackey, parseTraceCsv } from "@faultline/platform";
import type { ReadReferenced } from "./load-machine-file.ts";
import type { ScenarioDocument } from "./schema/scenario-schema.ts";
import type { Step } from "./schema/step-schema.ts";

/** Traces by the number of their step. */
export type LoadedTraces = ReadonlyMap<number, AccessTrace>;

/** What the references came to. */
export interface ReferencedTraces {
  readonly traces: LoadedTraces;
  readonly diagnostics: readonly Diagnostic[];
  /** The texts, for excerpts. */
  readonly sources: readonly SourceText[];
}

type WorkloadStep = Extract<Step, { do: "workload" }>;

/** Keys of a workload that say what a trace says. */
const OTHER_SAYS = ["count", "stride", "skew", "degree"] as const;

/** Loads every `trace` of the steps. */
export function loadTraces(
  yaml: YamlSource,
  { steps }: ScenarioDocument,
  read: ReadReferenced,
  pageShift: number,
): ReferencedTraces {
  const loader = new TraceLoader(yaml, read, 2 ** pageShift);
  for (const [index, step] of steps.entries()) if (step.do === "workload") loader.load(step, index);
  return loader;
}

class TraceLoader implements ReferencedTraces {
  readonly traces = new Map<number, AccessTrace>();
  readonly diagnostics: Diagnostic[] = [];
  private readonly yaml: YamlSource;
  private readonly read: ReadReferenced;
  private readonly pageBytes: number;
  private readonly texts = new Map<string, SourceText>();

  constructor(yaml: YamlSource, read: ReadReferenced, pageBytes: number) {
    this.yaml = yaml;
    this.read = read;
    this.pageBytes = pageBytes;
  }

  get sources(): readonly SourceText[] {
    return [...this.texts.values()];
  }

  load(step: WorkloadStep, index: number): void {
    const path = ["steps", index];
    if (step.trace === undefined) {
      if (step.who !== undefined) this.refuse([...path, "who"], "who without a trace");
      return;
    }
    for (const key of OTHER_SAYS) {
      if (step[key] !== undefined) this.refuse([...path, key], `${key} beside a trace`);
    }
    const from = this.yaml.place([...path, "trace"]).file;
    const key = `${from}\n${step.trace}`;
    const source = this.texts.get(key) ?? this.read(step.trace, from);
    if (source === null) {
      const details = { hint: "the path starts at the folder of the scenario" };
      const message = `no such file: ${step.trace}`;
      const where = [...path, "trace"];
      this.diagnostics.push(this.yaml.diagnostic(where, "E_FILE_NOT_FOUND", message, details));
      return;
    }
    this.texts.set(key, source);
    const trace = this.parse(source, step, path);
    if (trace !== null) this.traces.set(index, trace);
  }

  private parse(
    source: SourceText,
    { who }: WorkloadStep,
    path: readonly (string | number)[],
  ): AccessTrace | null {
    if (looksLikeLackey(source)) {
      if (who !== undefined) this.refuse([...path, "who"], "who with a trace of one process");
      const { trace, diagnostics } = parseLackey(source, this.pageBytes);
      this.diagnostics.push(...diagnostics);
      return trace;
    }
    const { trace, names, diagnostics } = parseTraceCsv(source, this.pageBytes, who);
    this.diagnostics.push(...diagnostics);
    if (hasErrors(diagnostics)) return null;
    if (trace.pages.length > 0) return trace;
    const what = who === undefined ? "the trace has no accesses" : `nobody in the trace: ${who}`;
    const hint = who === undefined ? undefined : hintForName("names", who, names);
    const at = [...path, who === undefined ? "trace" : "who"];
    this.diagnostics.push(this.yaml.diagnostic(at, "E_VALUE_RANGE", what, { hint }));
    return null;
  }

  private refuse(path: readonly (string | number)[], message: string): void {
    this.diagnostics.push(this.yaml.diagnostic(path, "E_KEY_UNKNOWN", message));
  }
}
