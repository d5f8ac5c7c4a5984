// What `faultline import` makes of traces: accesses as CSV, a scenario that replays them, or
// measurements that profiles are fitted to.
import { basename, extname } from "node:path";
import {
  type Diagnostic,
  diagnosticFor,
  diagnosticToJson,
  hasErrors,
  writeYaml,
} from "@faultline/diagnostics";
import {
  MOST_TRACE_NS,
  printTraceCsv,
  type TraceImport,
  type TraceKind,
} from "@faultline/platform";
import type { MeasurementsDocument, Profile } from "@faultline/profiles";
import type { CommandContext } from "../command-context.ts";
import { findProfile } from "../profile-option.ts";
import { readSource } from "../read-source.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import { writeOutput } from "../write-output.ts";
import { traceMeasurements } from "./trace-measurements.ts";
import { traceScenario } from "./trace-scenario.ts";

/** What can be made of a trace. */
export const TRACE_FORMS = ["accesses", "scenario", "measurements"] as const;

/** One of them. */
export type TraceForm = (typeof TRACE_FORMS)[number];

/** Options of the command, as far as traces have them. */
export interface ImportTraceOptions {
  readonly output?: string;
  readonly as?: TraceForm;
  readonly profile?: string;
  readonly json?: true;
}

/** Profiles whose driver writes such a file; where none does, what CPUs cost. */
const PROFILES: Readonly<Record<string, string>> = {
  "amdkfd-smi": "amd-mi250x-xnack-svm",
  "xe-stats": "intel-xe-svm-thp",
  "unified-memory": "nv-v100-pcie3-uvm",
};

const PLACE = "<command line>";
const NS_PER_HOUR = 3.6e12;

/** Files by their names, and what to print where no name is given. */
interface Made {
  readonly text: string;
  /** What goes beside the output. */
  readonly beside?: { readonly path: string; readonly text: string };
  readonly notes: readonly string[];
}

/** Reads a trace and writes what is asked for. */
export function importTrace(
  context: CommandContext,
  kind: TraceKind,
  file: string,
  options: ImportTraceOptions,
): void {
  const read = readSource(context.io, file);
  if (read.source === undefined) {
    finish(context, options, null, [read.problem]);
    return;
  }
  const { source } = read;
  const result = kind.read(source.text, source.file);
  showDiagnostics(context, result.diagnostics, [source]);
  const problems: Diagnostic[] = [];
  // Whoever wants to see what a file has need not make anything of it.
  const isShown = options.json && (options.output ?? options.as) === undefined;
  const profile =
    hasErrors(result.diagnostics) || isShown
      ? null
      : findProfile(context, options.profile ?? PROFILES[kind.name] ?? "host-cpu");
  const made = profile === null ? null : make(result, kind, source.file, profile, options);
  if (made !== null && "message" in made) problems.push(made);
  if (made !== null && "text" in made) {
    problems.push(...write(context, made, options));
  }
  finish(context, options, result, problems);
}

/** What goes wrong is a diagnostic. */
function make(
  result: TraceImport,
  kind: TraceKind,
  file: string,
  profile: Profile,
  options: ImportTraceOptions,
): Made | Diagnostic {
  const { accesses, times } = result;
  const form = options.as ?? formFor(options.output, result);
  const title = `${basename(file)}, as ${kind.name} has it`;
  if (form === "measurements") {
    const id = `${kind.name}-${nameOfFile(file)}`;
    const found = traceMeasurements(times, profile, { id, title, source: file });
    const all = [...result.notes, ...found.notes];
    if (found.document === null) {
      return diagnosticFor(file, "E_OPTION_INVALID", "no times that a profile could be fitted to", {
        hint:
          accesses === null ? "--json shows what the file has" : "it has accesses: --as accesses",
      });
    }
    return { text: headed(all, writeYaml(leanDocument(found.document))), notes: all };
  }
  if (accesses === null) {
    const hint = times.length > 0 ? "it has times: --as measurements" : "--json shows what it has";
    return diagnosticFor(file, "E_OPTION_INVALID", "no addresses in the file", { hint });
  }
  const lastNs = accesses.at(-1)?.timeNs ?? 0;
  if (lastNs > MOST_TRACE_NS) {
    const hours = (ns: number): string => `${(ns / NS_PER_HOUR).toFixed(1)} hours`;
    const message = `too long to be replayed: ${hours(lastNs)}, of at most ${hours(MOST_TRACE_NS)}`;
    const hint = "cut the file where nobody faults for long";
    return diagnosticFor(file, "E_VALUE_RANGE", message, { hint });
  }
  const notes = [...result.accessNotes, ...result.notes];
  const csv = printTraceCsv(accesses);
  if (form === "accesses") return { text: csv, notes };
  const { output } = options;
  if (output === undefined) {
    const hint = "give it a name with -o FILE.yaml";
    const message = "a scenario goes into a file: its accesses lie beside it";
    return diagnosticFor(PLACE, "E_OPTION_INVALID", message, { hint });
  }
  const besidePath = `${output.slice(0, output.length - extname(output).length)}.csv`;
  const scenario = traceScenario(accesses, {
    title,
    csv: basename(besidePath),
    profile: profile.id,
    notes,
  });
  if ("problem" in scenario) return diagnosticFor(file, "E_VALUE_RANGE", scenario.problem);
  return { text: scenario.text, beside: { path: besidePath, text: csv }, notes };
}

/** The form that fits an output's name and what the file has. */
function formFor(output: string | undefined, { accesses }: TraceImport): TraceForm {
  if (accesses === null) return "measurements";
  return output !== undefined && /\.ya?ml$/.test(output) ? "scenario" : "accesses";
}

function nameOfFile(file: string): string {
  const name = basename(file, extname(file)).toLowerCase();
  return name.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "") || "trace";
}

function headed(notes: readonly string[], text: string): string {
  return notes.map((note) => `# ${note}.\n`).join("") + text;
}

/** Measurements without the counts that are 0, as people write them. */
function leanDocument(document: MeasurementsDocument): object {
  const isSaid = ([, value]: readonly [string, unknown]): boolean =>
    value !== 0 && (typeof value !== "object" || Object.keys(value ?? {}).length > 0);
  const measurements = document.measurements.map(({ operation = {}, ...one }) => {
    const { samples, total, count, unit, ...names } = one;
    const lean = Object.fromEntries(Object.entries(operation).filter(isSaid));
    return { ...names, operation: lean, unit, samples, total, count };
  });
  return { ...document, measurements };
}

function write(
  context: CommandContext,
  { text, beside, notes }: Made,
  { output, json }: ImportTraceOptions,
): Diagnostic[] {
  if (output === undefined) {
    if (!json) context.io.writeOut(text);
    return [];
  }
  const files = [{ path: output, text }, ...(beside === undefined ? [] : [beside])];
  const failures = files.flatMap((file) => writeOutput(context.io, file.path, file.text) ?? []);
  if (failures.length === 0) {
    for (const note of notes) context.io.writeErr(`${note}\n`);
    for (const { path } of files) context.io.writeErr(`written: ${path}\n`);
  }
  return failures;
}

function finish(
  context: CommandContext,
  { json }: ImportTraceOptions,
  result: TraceImport | null,
  problems: readonly Diagnostic[],
): void {
  showDiagnostics(context, problems);
  if (!json) return;
  const { accesses = null, times = [], facts = {} } = result ?? {};
  const notes = result === null ? [] : [...result.accessNotes, ...result.notes];
  const diagnostics = [...(result?.diagnostics ?? []), ...problems].map(diagnosticToJson);
  context.printJson({ nrAccesses: accesses?.length ?? 0, times, facts, notes, diagnostics });
}
