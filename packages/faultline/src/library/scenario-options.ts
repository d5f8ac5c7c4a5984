// What a program says of a scenario that it runs, and the checked plan that comes of it.
import { checkArgument } from "@faultline/core";
import {
  type Diagnostic,
  diagnosticFor,
  hasErrors,
  hintForName,
  SourceText,
} from "@faultline/diagnostics";
import { type Profile, shippedProfile, shippedProfileIds } from "@faultline/profiles";
import {
  loadScenario,
  ownProfiles,
  parseOverrides,
  type Plugins,
  type ProfileChoice,
  type ReadReferenced,
  type ScenarioPlan,
} from "@faultline/scenario";
import { InputError } from "./input-error.ts";
import { type OwnPlugins, ownPlugins } from "./own-plugins.ts";
import { type KernelName, withKernel } from "./with-kernel.ts";

/** A scenario: its text, or the plan that `loadScenario` has made of it. */
export type ScenarioSource = string | ScenarioPlan;

/** A profile, or the id of one. */
export type ProfileName = string | Profile;

/** How a scenario is read and changed before it runs. */
export interface ScenarioOptions extends OwnPlugins {
  /** How diagnostics name the text. @defaultValue "scenario.yaml" */
  readonly file?: string;
  /**
   * Reads a file that the scenario names; null when there is none.
   * @defaultValue there are no files
   */
  readonly read?: (path: string, from: string) => string | SourceText | null;
  /** Values that go over those of the text: `steps.2.pages=8`, as `--set` takes them. */
  readonly set?: readonly string[];
  /** @defaultValue the scenario's */
  readonly kernel?: KernelName;
  /** @defaultValue the scenario's */
  readonly seed?: number;
}

/** A plan that is to be run, and what there is to say about it. */
export interface CheckedScenario {
  readonly plan: ScenarioPlan;
  /** What is not wrong, but worth knowing. */
  readonly warnings: readonly Diagnostic[];
}

/** How diagnostics name what a program passes as an option. */
const OPTIONS = "<options>";
const MAX_SHOWN = 16;

/**
 * Reads a scenario.
 * @throws InputError with every problem of the text and of the files that it names.
 * @throws ArgumentError for options about texts where a plan is given.
 */
export function checkedScenario(
  source: ScenarioSource,
  options: ScenarioOptions = {},
): CheckedScenario {
  const { plan, warnings } =
    typeof source === "string" ? load(source, options) : asItIs(source, options);
  const { kernel, seed } = options;
  const onKernel = withKernel(plan, kernel);
  if (seed === undefined) return { plan: onKernel, warnings };
  return { plan: { ...onKernel, document: { ...onKernel.document, seed } }, warnings };
}

/** What only a text can be read with says nothing about a plan. */
function asItIs(plan: ScenarioPlan, options: ScenarioOptions): CheckedScenario {
  const forTexts = ["file", "read", "set", "stacks", "policies", "workloads", "profiles"] as const;
  const given = forTexts.find((name) => options[name] !== undefined);
  checkArgument(given === undefined, given ?? "", "a plan was checked with its own");
  return { plan, warnings: [] };
}

function load(
  text: string,
  { file = "scenario.yaml", read, set = [], ...own }: ScenarioOptions,
): CheckedScenario {
  const plugins = ownPlugins(own);
  const parsed = parseOverrides(set, "set");
  const { overrides } = parsed;
  const loaded = loadScenario(text, file, referencesOf(read), { overrides, plugins });
  const diagnostics = [...parsed.diagnostics, ...loaded.diagnostics];
  if (loaded.plan === null || hasErrors(diagnostics)) {
    throw new InputError(diagnostics, [
      new SourceText(file, text),
      parsed.source,
      ...loaded.sources,
    ]);
  }
  return { plan: loaded.plan, warnings: diagnostics };
}

function referencesOf(read: ScenarioOptions["read"]): ReadReferenced | undefined {
  if (read === undefined) return undefined;
  return (path, from) => {
    const found = read(path, from);
    return typeof found === "string" ? new SourceText(path, found) : found;
  };
}

/**
 * The profiles that price a run: those that were asked for, or else the scenario's own; null where
 * there are none.
 * @throws InputError for an id that nobody knows, and for a device that the scenario has not.
 */
export function chosenProfiles(
  plan: ScenarioPlan,
  profile: ProfileName | Readonly<Record<string, ProfileName>> | undefined,
): ProfileChoice | null {
  const { plugins } = plan;
  if (profile === undefined) return ownProfiles(plan.document, plugins.profiles);
  if (isName(profile)) return { all: profileOf(profile, plugins), byDevice: new Map() };
  const known = deviceNames(plan);
  const byDevice = new Map<string, Profile>();
  for (const [device, name] of Object.entries(profile)) {
    if (!known.includes(device)) {
      const hint = hintForName("devices", device, known, MAX_SHOWN);
      throw wrongOption(`unknown device: ${device}`, hint);
    }
    byDevice.set(device, profileOf(name, plugins));
  }
  return { all: null, byDevice };
}

function isName(
  profile: ProfileName | Readonly<Record<string, ProfileName>>,
): profile is ProfileName {
  return typeof profile === "string" || "fields" in profile;
}

/**
 * A profile by its id.
 * @throws InputError when there is none.
 */
export function profileOf(name: ProfileName, { profiles }: Plugins): Profile {
  if (typeof name !== "string") return name;
  const profile = profiles.get(name) ?? shippedProfile(name);
  if (profile !== null) return profile;
  const known = [...profiles.keys(), ...shippedProfileIds()];
  const hint = hintForName("profiles", name, known, MAX_SHOWN);
  throw wrongOption(`unknown profile: ${name}`, hint);
}

function deviceNames({ machine, document }: ScenarioPlan): string[] {
  return (machine?.devices ?? document.machine.devices).map(({ name }) => name);
}

/** What to say of a scenario that has no clock where one is needed. */
export function noProfile(file: string): Diagnostic {
  const hint = "write `profile: ID` into the scenario, or give the option `profile`";
  return diagnosticFor(file, "E_KEY_MISSING", "no profile, and therefore no clock", { hint });
}

function wrongOption(message: string, hint: string): InputError {
  return new InputError([diagnosticFor(OPTIONS, "E_NAME_UNKNOWN", message, { hint })]);
}
