// What a program brings along beside what the package has: drivers, policies, patterns of workloads
// and profiles, by the names under which scenarios use them. Passed along as a value: nothing is
// registered anywhere, and two runs may know different ones.
import { type Diagnostic, diagnosticFor, hasErrors } from "@faultline/diagnostics";
import { type Profile, shippedProfile, shippedProfileIds } from "@faultline/profiles";
import { PATTERNS, type WorkloadPlugin } from "@faultline/sim";
import {
  DRIVER_NAMES,
  type DriverPlugins,
  type EvictionPolicy,
  IDEAL_PLACEMENTS,
  NO_DRIVER_PLUGINS,
  type PlacementPolicy,
  type PolicyPlugin,
  type StackPlugin,
  UVM_EVICTION_POLICIES,
} from "@faultline/stacks";

/** What a program brings along; later changes of the lists change nothing. */
export interface PluginOptions {
  /** Drivers, for `stack:` of a device. */
  readonly stacks?: readonly StackPlugin[];
  /** Policies of drivers that have a choice, for `uvm.evictionPolicy` and `ideal.placement`. */
  readonly policies?: readonly PolicyPlugin[];
  /** Patterns, for `pattern:` of a workload. */
  readonly workloads?: readonly WorkloadPlugin[];
  /** Profiles, for `profile:`. */
  readonly profiles?: readonly Profile[];
}

/** The same by name. */
export interface Plugins {
  readonly drivers: DriverPlugins;
  readonly workloads: ReadonlyMap<string, WorkloadPlugin>;
  readonly profiles: ReadonlyMap<string, Profile>;
}

/** Plug-ins, or what is wrong with them. */
export interface CollectedPlugins {
  /** Null where something is wrong. */
  readonly plugins: Plugins | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Nothing but what the package has. */
export const NO_PLUGINS: Plugins = {
  drivers: NO_DRIVER_PLUGINS,
  workloads: new Map(),
  profiles: new Map(),
};

/** How diagnostics name the place where plug-ins are given. */
const PLACE = "<plug-ins>";
const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;
/** `ats` is the word of machine documents and profiles for a device that `sva` drives. */
const TAKEN_STACKS = [...DRIVER_NAMES, "ats", "none"];

/**
 * Puts plug-ins together. A name that the package has, or that is given twice, is a problem: what a
 * scenario means must not depend on who runs it.
 */
export function collectPlugins(options: PluginOptions): CollectedPlugins {
  const { stacks = [], policies = [], workloads = [], profiles = [] } = options;
  const diagnostics: Diagnostic[] = [];
  const byName = <T>(
    kind: string,
    taken: readonly string[],
    given: readonly (readonly [string, T])[],
  ): ReadonlyMap<string, T> => {
    const all = new Map<string, T>();
    for (const [name, value] of given) {
      const problem = wrongName(kind, name, taken, all);
      if (problem === null) all.set(name, value);
      else diagnostics.push(problem);
    }
    return all;
  };
  const evictions = policies.flatMap((one): [string, EvictionPolicy][] =>
    one.kind === "eviction" ? [[one.name, one.policy]] : [],
  );
  const placements = policies.flatMap((one): [string, PlacementPolicy][] =>
    one.kind === "placement" ? [[one.name, one.policy]] : [],
  );
  // A profile that the package has is known already, and no problem.
  const own = profiles.filter((profile) => shippedProfile(profile.id) !== profile);
  const plugins: Plugins = {
    drivers: {
      stacks: byName("driver", TAKEN_STACKS, stacks.map(named)),
      evictions: byName("eviction policy", Object.keys(UVM_EVICTION_POLICIES), evictions),
      placements: byName("placement policy", Object.keys(IDEAL_PLACEMENTS), placements),
    },
    workloads: byName("pattern", PATTERNS, workloads.map(named)),
    profiles: byName(
      "profile",
      shippedProfileIds(),
      own.map((profile) => [profile.id, profile]),
    ),
  };
  return { plugins: hasErrors(diagnostics) ? null : plugins, diagnostics };
}

function named<T extends { readonly name: string }>(plugin: T): readonly [string, T] {
  return [plugin.name, plugin];
}

function wrongName(
  kind: string,
  name: string,
  taken: readonly string[],
  before: ReadonlyMap<string, unknown>,
): Diagnostic | null {
  if (taken.includes(name)) {
    const hint = `a plug-in cannot take the place of what the package has: ${taken.join(", ")}`;
    return diagnosticFor(PLACE, "E_NAME_DUPLICATE", `${kind} exists already: ${name}`, { hint });
  }
  if (before.has(name)) {
    return diagnosticFor(PLACE, "E_NAME_DUPLICATE", `${kind} given twice: ${name}`);
  }
  if (NAME.test(name) || (kind === "profile" && name !== "")) return null;
  const hint = "a name starts with a letter and goes on with letters, digits, _ or -";
  return diagnosticFor(PLACE, "E_VALUE_TYPE", `not a name of a ${kind}: ${name}`, { hint });
}
