// From text to a machine document: YAML, then the schema, then what the schema cannot say.
// Every problem at once.
import {
  type Diagnostic,
  DiagnosticSink,
  readYaml,
  schemaDiagnostics,
} from "@faultline/diagnostics";
import { checkBars } from "./check-bars.ts";
import { checkDevices } from "./check-devices.ts";
import { checkFabric } from "./check-fabric.ts";
import { checkNuma } from "./check-numa.ts";
import { checkTree } from "./check-tree.ts";
import { type MachineDocument, machineSchema } from "./machine-schema.ts";

/** A document when the file is good, and everything there is to say about it. */
export interface LoadedMachine {
  readonly document: MachineDocument | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks a machine document.
 * @param text the file's text.
 * @param fileName how diagnostics name the file.
 * @returns a document unless a diagnostic is an error; never throws for bad input.
 */
export function loadMachine(text: string, fileName: string): LoadedMachine {
  const { yaml, diagnostics } = readYaml(text, fileName);
  if (yaml === null) return { document: null, diagnostics };
  const parsed = machineSchema.safeParse(yaml.value);
  const sink = new DiagnosticSink();
  if (parsed.success) {
    sink.addAll(checkTree(yaml, parsed.data));
    sink.addAll(checkBars(yaml, parsed.data));
    sink.addAll(checkNuma(yaml, parsed.data));
    sink.addAll(checkFabric(yaml, parsed.data));
    sink.addAll(checkDevices(yaml, parsed.data));
  } else {
    sink.addAll(schemaDiagnostics(yaml, machineSchema, parsed.error.issues));
  }
  const document = parsed.success && !sink.hasErrors ? parsed.data : null;
  return { document, diagnostics: sink.sorted() };
}
