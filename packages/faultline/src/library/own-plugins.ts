// What a program brings along for a run: drivers, policies, patterns of workloads and profiles.
import { type Diagnostic, hasErrors, SourceText, writeYaml } from "@faultline/diagnostics";
import { loadProfile, type Profile } from "@faultline/profiles";
import { collectPlugins, type PluginOptions, type Plugins } from "@faultline/scenario";
import { InputError } from "./input-error.ts";

/** A profile document as a file has it: `version`, `id`, `title`, … */
export type ProfileInput = Readonly<Record<string, unknown>> & { readonly id: string };

/** A profile of one's own: loaded already, as a document, or as the text of a file. */
export type OwnProfile = Profile | ProfileInput | SourceText;

/** Drivers, policies, patterns and profiles that a scenario may name beside those there are. */
export interface OwnPlugins extends Omit<PluginOptions, "profiles"> {
  /** For `profile:`, and for the ids that options name. */
  readonly profiles?: readonly OwnProfile[];
}

/**
 * Puts together what a program brings along.
 * @throws InputError for names that are taken and profiles that are wrong.
 */
export function ownPlugins({ profiles = [], ...others }: OwnPlugins): Plugins {
  const stacks = (others.stacks ?? []).map(({ name }) => name);
  const diagnostics: Diagnostic[] = [];
  const sources: SourceText[] = [];
  const loaded = profiles.flatMap((given): Profile[] => {
    if (isProfile(given)) return [given];
    const source =
      given instanceof SourceText ? given : new SourceText(`profile ${given.id}`, writeYaml(given));
    const { profile, diagnostics: problems } = loadProfile(source.text, source.file, { stacks });
    sources.push(source);
    diagnostics.push(...problems);
    return profile === null ? [] : [profile];
  });
  const collected = collectPlugins({ ...others, profiles: loaded });
  diagnostics.push(...collected.diagnostics);
  if (collected.plugins === null || hasErrors(diagnostics)) {
    throw new InputError(diagnostics, sources);
  }
  return collected.plugins;
}

function isProfile(given: OwnProfile): given is Profile {
  return "fields" in given && given.fields instanceof Map;
}
