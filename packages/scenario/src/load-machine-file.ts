// The machine document that a scenario refers to, with the problems of both files.
import {
  type Diagnostic,
  hintForName,
  type SourceText,
  type YamlSource,
} from "@faultline/diagnostics";
import { loadMachine, type MachineDocument } from "@faultline/platform";
import type { ScenarioDocument } from "./schema/scenario-schema.ts";

/**
 * Reads a file that a scenario names.
 * @param path as the scenario has it, relative to `from`.
 * @param from the file that names it.
 * @returns the text, or null when there is no such file.
 */
export type ReadReferenced = (path: string, from: string) => SourceText | null;

/** What a reference came to. */
export interface ReferencedMachine {
  readonly machine: MachineDocument | null;
  readonly diagnostics: readonly Diagnostic[];
  /** The machine's text, for excerpts. */
  readonly source: SourceText | null;
}

const NONE: ReferencedMachine = { machine: null, diagnostics: [], source: null };

/** Loads `machine.file`, if there is one. */
export function loadMachineFile(
  yaml: YamlSource,
  { machine }: ScenarioDocument,
  read: ReadReferenced,
): ReferencedMachine {
  if (machine.file === undefined) return NONE;
  const path = ["machine", "file"];
  const source = read(machine.file, yaml.place(path).file);
  if (source === null) {
    const message = `no such file: ${machine.file}`;
    const hint = "the path starts at the folder of the scenario";
    const diagnostics = [yaml.diagnostic(path, "E_FILE_NOT_FOUND", message, { hint })];
    return { ...NONE, diagnostics };
  }
  const loaded = loadMachine(source.text, source.file);
  const misplaced = loaded.document === null ? [] : checkUse(yaml, machine, loaded.document);
  const diagnostics = [...loaded.diagnostics, ...misplaced];
  return { machine: loaded.document, diagnostics, source };
}

/** What a scenario says about a machine that its document already says, or does not have. */
function checkUse(
  yaml: YamlSource,
  machine: ScenarioDocument["machine"],
  document: MachineDocument,
): Diagnostic[] {
  const names = document.devices.map(({ name }) => name);
  const unknown = machine.devices.flatMap(({ name }, d) => {
    if (names.includes(name)) return [];
    const hint = hintForName("devices of the machine document", name, names);
    const path = ["machine", "devices", d, "name"];
    return [yaml.diagnostic(path, "E_NAME_UNKNOWN", `unknown device: ${name}`, { hint })];
  });
  if (machine.nodes === undefined) return unknown;
  const hint = "leave it out: the machine document has the nodes";
  const path = ["machine", "nodes"];
  return [...unknown, yaml.diagnostic(path, "E_KEY_UNKNOWN", "nodes beside a file", { hint })];
}
