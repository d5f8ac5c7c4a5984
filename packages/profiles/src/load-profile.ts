// From text to a profile: YAML, the schema, each number, then what is inherited. Every problem at
// once.
import {
  type Diagnostic,
  DiagnosticSink,
  hintForName,
  readYaml,
  schemaDiagnostics,
  type YamlSource,
} from "@faultline/diagnostics";
import type { BalanceProblem } from "./balance.ts";
import { checkCited } from "./check-cited.ts";
import { checkWithout } from "./check-without.ts";
import { inherit, type Inherited } from "./inherit.ts";
import { leavesOf } from "./leaves.ts";
import { policiesOf } from "./policy-names.ts";
import type { Profile } from "./profile.ts";
import { type ProfileDocument, profileSchemaWith } from "./profile-schema.ts";
import { endProblems, resolveProfile } from "./resolve-profile.ts";
import { inheritedProfile, shippedProfile, shippedProfileIds } from "./shipped-profiles.ts";
import { valueAt } from "./tree.ts";
import type { ProfileStack } from "./vocabulary.ts";

/** A profile when the file is good, and everything there is to say about it. */
export interface LoadedProfile {
  /** What was written, defaults filled in; without what it inherits. */
  readonly document: ProfileDocument | null;
  readonly profile: Profile | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** What a profile may name beside what the package has. */
export interface ProfileNames {
  /** Drivers that a program brings along. */
  readonly stacks?: readonly string[];
}

/**
 * Checks a profile document; `extends` may name any shipped profile.
 * @param text the file's text.
 * @param fileName how diagnostics name the file.
 * @param own what it may name beside what the package has.
 * @returns a profile unless a diagnostic is an error; never throws for bad input.
 */
export function loadProfile(text: string, fileName: string, own: ProfileNames = {}): LoadedProfile {
  const { yaml, diagnostics } = readYaml(text, fileName);
  if (yaml === null) return { document: null, profile: null, diagnostics };
  return loadProfileFrom(yaml, own);
}

/** Checks a profile document that has been parsed, alone or as a part of another document. */
export function loadProfileFrom(
  yaml: YamlSource,
  { stacks = [] }: ProfileNames = {},
): LoadedProfile {
  const schema = profileSchemaWith(stacks);
  const parsed = schema.safeParse(yaml.value);
  const sink = new DiagnosticSink();
  if (!parsed.success) {
    sink.addAll(schemaDiagnostics(yaml, schema, parsed.error.issues));
    return { document: null, profile: null, diagnostics: sink.sorted() };
  }
  const document = parsed.data;
  const base = baseOf(yaml, document, sink);
  const stack = document.stack ?? base?.document.stack ?? "ideal";
  sink.addAll(checkNames(yaml, document, stack));
  sink.addAll(missingKeys(yaml, document, base));
  sink.addAll(unknownWithout(yaml, document, base));
  for (const leaf of leavesOf(document, stack)) sink.addAll(checkCited(yaml, leaf));
  sink.addAll(checkBalances(yaml, document, stack));
  if (sink.hasErrors) return { document: null, profile: null, diagnostics: sink.sorted() };
  const baseProfile = document.extends === undefined ? null : shippedProfile(document.extends);
  const { profile, problems } = resolveProfile(inherit(base, document), baseProfile);
  const found = problems.length > 0 ? problems : endProblems(profile);
  sink.addAll(found.map((problem) => balanceDiagnostic(yaml, document, problem)));
  if (sink.hasErrors) return { document: null, profile: null, diagnostics: sink.sorted() };
  return { document, profile, diagnostics: sink.sorted() };
}

function baseOf(
  yaml: YamlSource,
  { id: ownId, extends: id }: ProfileDocument,
  sink: DiagnosticSink,
): Inherited | null {
  if (id === undefined) return null;
  const base = inheritedProfile(id);
  if (id === ownId) {
    const message = `a profile cannot extend itself: ${id}`;
    sink.add(yaml.diagnostic(["extends"], "E_NAME_DUPLICATE", message));
  }
  if (base === null) {
    const hint = hintForName("profiles", id, shippedProfileIds());
    sink.add(yaml.diagnostic(["extends"], "E_NAME_UNKNOWN", `unknown profile: ${id}`, { hint }));
  }
  return base;
}

/** A profile that extends none says itself what it is. */
function missingKeys(
  yaml: YamlSource,
  document: ProfileDocument,
  base: Inherited | null,
): Diagnostic[] {
  if (document.extends !== undefined || base !== null) return [];
  return (["vendor", "hardware", "stack"] as const)
    .filter((key) => document[key] === undefined)
    .map((key) =>
      yaml.diagnostic([], "E_KEY_MISSING", `missing key: ${key}`, {
        hint: "a profile that extends none states it; `extends: host-cpu` is a good start",
      }),
    );
}

/** Sections that hold numbers, of which `without` leaves out some or all. */
const SECTIONS = ["costs", "effort", "device", "policy", "observed"];

function unknownWithout(
  yaml: YamlSource,
  { without }: ProfileDocument,
  base: Inherited | null,
): Diagnostic[] {
  return checkWithout(yaml, without, [...(base?.statedIn.keys() ?? [])], (path) => {
    const keys = path.split(".");
    if (base === null || !SECTIONS.includes(keys[0] ?? "") || keys.includes("")) return false;
    return valueAt(base.document, keys) !== undefined;
  });
}

function checkNames(
  yaml: YamlSource,
  document: ProfileDocument,
  stack: ProfileStack,
): Diagnostic[] {
  const known = Object.keys(policiesOf(stack));
  return Object.keys(document.policy)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const hint = hintForName(`parameters of ${stack}`, name, known);
      const message = `unknown parameter: ${name}`;
      return yaml.diagnostic(["policy", name], "E_NAME_UNKNOWN", message, { hint, ofKey: true });
    });
}

/** Only a time that something pays can be what is left of a total. */
function checkBalances(
  yaml: YamlSource,
  document: ProfileDocument,
  stack: ProfileStack,
): Diagnostic[] {
  return leavesOf(document, stack)
    .filter(({ cited }) => cited.balance !== undefined)
    .filter(({ path, dimension }) => dimension !== "time" || !isPrice(path))
    .map(({ path }) => {
      const message = "only a cost or a price of effort can be what is left of a total";
      return yaml.diagnostic([...path, "balance"], "E_PROFILE_BALANCE", message, { ofKey: true });
    });
}

function isPrice([section, , , last]: readonly (string | number)[]): boolean {
  return (section === "costs" && last !== "points") || section === "effort";
}

function balanceDiagnostic(
  yaml: YamlSource,
  document: ProfileDocument,
  { path, message }: BalanceProblem,
): Diagnostic {
  const keys = path.split(".");
  const isOwn = leavesOf(document, document.stack ?? "ideal").some(
    (leaf) => leaf.path.join(".") === path,
  );
  const at = isOwn ? keys : document.extends === undefined ? [] : ["extends"];
  return yaml.diagnostic(at, "E_PROFILE_BALANCE", `${path}: ${message}`, { ofKey: isOwn });
}
