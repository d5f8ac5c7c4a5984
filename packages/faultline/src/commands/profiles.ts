// `faultline profiles [PROFILE]`: the vendors' fault costs, each number with its origin.
import { type Diagnostic, diagnosticToJson } from "@faultline/diagnostics";
import {
  loadProfile,
  type Profile,
  shippedProfile,
  shippedProfileIds,
  shippedProfileYaml,
} from "@faultline/profiles";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { profileListText, profileSummary } from "../profile-list.ts";
import { isProfileFile, unknownProfile } from "../profile-option.ts";
import { profileJson, profileText } from "../profile-story.ts";
import { readSource } from "../read-source.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import { addProfilesFit } from "./profiles-fit.ts";

interface ProfilesOptions {
  readonly yaml?: true;
  readonly json?: true;
}

/** Adds the command. */
export function addProfilesCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("profiles")
    .summary("show vendors' fault costs, with the source of every number")
    .description(
      "Lists the profiles that come with Faultline. With one, shows every number with its unit," +
        " where it comes from, how sure it is and, where nobody published it, the range that was" +
        " assumed. With a file, checks a profile of your own and shows it.",
    )
    .argument(
      "[profile]",
      "id of a profile, or a file (a path, or a name ending in .yaml); - is stdin",
    )
    .option("--yaml", "print the profile as YAML, to change it")
    .option("--json", "print the same as JSON")
    .addHelpText(
      "after",
      examplesText([
        { shows: "what there is, and how much of it is assumed", line: "profiles" },
        { shows: "every number of one, with its source", line: "profiles intel-xe-svm-thp" },
        { shows: "a profile to start from", line: "profiles intel-xe-svm-thp --yaml > mine.yaml" },
        { shows: "check your own", line: "profiles scenarios/profiles/measured-numa-host.yaml" },
      ]),
    )
    .action((name: string | undefined, options: ProfilesOptions) => {
      if (name === undefined) list(context, options);
      else if (isProfileFile(name)) showFile(context, name, options);
      else showShipped(context, name, options);
    });
  addProfilesFit(command, context);
}

function list(context: CommandContext, { json }: ProfilesOptions): void {
  const profiles = shippedProfileIds().flatMap((id) => shippedProfile(id) ?? []);
  if (json) context.printJson({ profiles: profiles.map(profileSummary) });
  else context.io.writeOut(profileListText(profiles));
}

function showShipped(context: CommandContext, id: string, options: ProfilesOptions): void {
  const profile = shippedProfile(id);
  if (profile !== null) {
    if (options.yaml) context.io.writeOut(shippedProfileYaml(id) ?? "");
    else show(context, profile, [], options);
    return;
  }
  const problem = unknownProfile(id);
  showDiagnostics(context, [problem]);
  if (options.json) context.printJson({ diagnostics: [diagnosticToJson(problem)] });
}

function showFile(context: CommandContext, file: string, options: ProfilesOptions): void {
  const { source, problem } = { problem: undefined, ...readSource(context.io, file) };
  const loaded =
    source === undefined
      ? { profile: null, diagnostics: problem === undefined ? [] : [problem] }
      : loadProfile(source.text, source.file);
  const { profile, diagnostics } = loaded;
  showDiagnostics(context, diagnostics, source === undefined ? [] : [source]);
  if (profile === null) {
    if (options.json) context.printJson({ diagnostics: diagnostics.map(diagnosticToJson) });
  } else if (options.yaml) {
    context.io.writeOut(source?.text ?? "");
  } else {
    show(context, profile, diagnostics, options);
  }
}

function show(
  context: CommandContext,
  profile: Profile,
  diagnostics: readonly Diagnostic[],
  { json }: ProfilesOptions,
): void {
  if (json) {
    const problems = diagnostics.map(diagnosticToJson);
    context.printJson({ ...profileJson(profile), diagnostics: problems });
  } else {
    context.io.writeOut(profileText(profile));
  }
}
