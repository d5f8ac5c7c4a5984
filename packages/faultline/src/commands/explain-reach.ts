// `faultline explain FILE --path A B`: how A reaches memory of B, rule by rule. FILE is a machine
// document, or a scenario that refers to one.
import { DESIGN_NAMES, DESIGN_SWITCHES, type DesignName } from "@faultline/core";
import {
  type Diagnostic,
  diagnosticFor,
  diagnosticToJson,
  hasErrors,
  hintForName,
  readYaml,
  type SourceText,
} from "@faultline/diagnostics";
import { loadMachine } from "@faultline/platform";
import {
  createMachineWorld,
  createScenarioMachine,
  loadScenario,
  machineMemoryProblems,
  type ScenarioMachine,
  stackOf,
} from "@faultline/scenario";
import { type DeviceStack, explainReach } from "@faultline/stacks";
import type { CommandContext } from "../command-context.ts";
import { referenceReader } from "../load-scenarios.ts";
import { formatReach } from "../reach-story.ts";
import { readSource } from "../read-source.ts";
import { showDiagnostics } from "../show-diagnostics.ts";

/** What the command line says. */
export interface ReachRequest {
  readonly file: string;
  /** Two device names. */
  readonly path: readonly string[];
  /** `name=value` for designs that differ from the file's. */
  readonly designs: readonly string[];
  readonly json: boolean;
}

const COMMAND_LINE = "<command line>";

/** Explains, or says what is wrong with the file, the names or the designs. */
export function explainReachCommand(context: CommandContext, request: ReachRequest): void {
  const { designs, problems } = parseDesigns(request.designs);
  const loaded = loadDevices(context, request.file, designs);
  const { machine } = loaded;
  const unknown = machine === null ? [] : nameProblems(machine, request.path);
  const diagnostics = [...problems, ...loaded.diagnostics, ...unknown];
  showDiagnostics(context, diagnostics, loaded.sources);
  const [requester, holder] =
    machine === null ? [] : request.path.map((name) => find(machine, name));
  if (hasErrors(diagnostics) || requester === undefined || holder === undefined) {
    if (request.json) context.printJson({ diagnostics: diagnostics.map(diagnosticToJson) });
    return;
  }
  const reach = explainReach(requester, holder);
  if (request.json) context.printJson({ file: request.file, ...reach });
  else context.io.writeOut(formatReach(reach));
}

interface LoadedDevices {
  readonly machine: ScenarioMachine | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: readonly SourceText[];
}

function loadDevices(
  context: CommandContext,
  file: string,
  designs: Readonly<Record<string, string>>,
): LoadedDevices {
  const read = readSource(context.io, file);
  if (read.source === undefined) {
    return { machine: null, diagnostics: [read.problem], sources: [] };
  }
  const { source } = read;
  if (isScenario(source)) {
    const loaded = loadScenario(source.text, source.file, referenceReader(context.io));
    const sources = [source, ...loaded.sources];
    const { plan, diagnostics } = loaded;
    if (plan === null) return { machine: null, diagnostics, sources };
    const document = { ...plan.document, designs: { ...plan.document.designs, ...designs } };
    return { machine: createScenarioMachine(document, plan.machine), diagnostics, sources };
  }
  const { document, diagnostics } = loadMachine(source.text, source.file);
  const sizes = document === null ? [] : machineMemoryProblems(source.file, document);
  const isGood = document !== null && sizes.length === 0;
  const machine = isGood ? createMachineWorld(document, designs) : null;
  return { machine, diagnostics: [...diagnostics, ...sizes], sources: [source] };
}

/** A scenario has steps; a machine document has none. */
function isScenario({ text, file }: SourceText): boolean {
  const value = readYaml(text, file).yaml?.value;
  return typeof value === "object" && value !== null && ("steps" in value || "extends" in value);
}

function parseDesigns(texts: readonly string[]): {
  readonly designs: Readonly<Record<string, string>>;
  readonly problems: readonly Diagnostic[];
} {
  const designs: Record<string, string> = {};
  const problems = texts.flatMap((text) => {
    const [name = "", value = ""] = text.split("=");
    if (!DESIGN_NAMES.includes(name as DesignName)) {
      const hint = hintForName("designs", name, [...DESIGN_NAMES]);
      return [diagnosticFor(COMMAND_LINE, "E_NAME_UNKNOWN", `unknown design: ${name}`, { hint })];
    }
    const values: readonly string[] = DESIGN_SWITCHES[name as DesignName].values;
    designs[name] = value;
    if (values.includes(value)) return [];
    const hint = `${name} is one of ${values.join(", ")}`;
    return [diagnosticFor(COMMAND_LINE, "E_VALUE_UNKNOWN", `unknown value: ${value}`, { hint })];
  });
  return { designs: problems.length === 0 ? designs : {}, problems };
}

function nameProblems(machine: ScenarioMachine, path: readonly string[]): Diagnostic[] {
  if (path.length !== 2) {
    const hint = "--path takes two devices: who asks, and whose memory it is";
    const message = `not two devices: ${path.join(" ")}`;
    return [diagnosticFor(COMMAND_LINE, "E_OPTION_INVALID", message, { hint })];
  }
  const names = machine.devices.flatMap((one) => stackOf(one)?.attached.device.name ?? []);
  return path.flatMap((name) => {
    if (names.includes(name)) return [];
    const hint = hintForName("devices with a driver", name, names);
    return [diagnosticFor(COMMAND_LINE, "E_NAME_UNKNOWN", `unknown device: ${name}`, { hint })];
  });
}

function find({ devices }: ScenarioMachine, name: string): DeviceStack | undefined {
  const stacks = devices.flatMap((one) => stackOf(one) ?? []);
  return stacks.find(({ attached }) => attached.device.name === name);
}
