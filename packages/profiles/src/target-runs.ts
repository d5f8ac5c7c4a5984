// The runs of a target: which scenario at which profile. A target whose runs do not name a profile
// of their own is made once for each of its profiles.
import {
  type Diagnostic,
  type DocumentPath,
  hintForName,
  type YamlSource,
} from "@faultline/diagnostics";
import { loadProfileFrom } from "./load-profile.ts";
import type { Profile } from "./profile.ts";
import { shippedProfileIds } from "./shipped-profiles.ts";
import type { TargetCase, TargetRun } from "./target.ts";
import type { TargetDocument } from "./target-schema.ts";

/** Finds a profile by its id, or by its path where files can be read. */
export type FindProfile = (name: string) => Profile | null;

/** The cases of a target, and what is wrong with its profiles. */
export interface TargetCases {
  readonly cases: readonly TargetCase[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Looks up the profiles of a target. */
export function targetCases(
  yaml: YamlSource,
  target: TargetDocument,
  i: number,
  find: FindProfile,
): TargetCases {
  return new CaseBuilder(yaml, target, ["targets", i], find).build();
}

class CaseBuilder {
  private readonly diagnostics: Diagnostic[] = [];
  private readonly yaml: YamlSource;
  private readonly target: TargetDocument;
  private readonly path: DocumentPath;
  private readonly find: FindProfile;

  constructor(yaml: YamlSource, target: TargetDocument, path: DocumentPath, find: FindProfile) {
    this.yaml = yaml;
    this.target = target;
    this.path = path;
    this.find = find;
  }

  build(): TargetCases {
    const { profiles, runs } = this.target;
    const named = Object.values(runs ?? {});
    const isShared = runs === undefined || named.some(({ profile }) => profile === undefined);
    if (isShared && profiles.length === 0) {
      const message = "missing key: profiles";
      const hint = "which profiles the number is compared at; or one for each of its runs";
      this.diagnostics.push(
        this.yaml.diagnostic([...this.path, "id"], "E_KEY_MISSING", message, { hint }),
      );
    }
    const shared = profiles.map((id, at) => this.profile(id, [...this.path, "profiles", at]));
    const each = isShared ? shared : [null];
    const cases = each.map((profile) => ({ runs: this.runs(profile) }));
    return { cases, diagnostics: this.diagnostics };
  }

  private runs(shared: Profile | null): TargetRun[] {
    const { runs } = this.target;
    if (runs === undefined) return this.run("", shared, []);
    return Object.entries(runs).flatMap(([name, { profile: id }]) => {
      const at = [...this.path, "runs", name];
      const own = id === undefined ? shared : this.profile(id, [...at, "profile"]);
      return this.run(name, own, ["runs", name]);
    });
  }

  private run(name: string, given: Profile | null, own: DocumentPath): TargetRun[] {
    if (given === null) return [];
    const profile = this.changed(given, this.own(own, "profile_with"));
    if (profile === null) return [];
    const changes = this.target.runs?.[name]?.with === undefined ? null : [...own, "with"];
    const changesPath = changes === null ? null : [...this.path, ...changes];
    return [{ name, profile, scenarioPath: this.own(own, "scenario"), changesPath }];
  }

  /** Where a run says something itself, or the target for all of them; null where neither does. */
  private own(run: DocumentPath, key: "scenario" | "profile_with"): DocumentPath | null {
    const name = run[1];
    const ofRun = name === undefined ? undefined : this.target.runs?.[name]?.[key];
    if (ofRun !== undefined) return [...this.path, ...run, key];
    return this.target[key] === undefined ? null : [...this.path, key];
  }

  private profile(id: string, path: DocumentPath): Profile | null {
    const profile = this.find(id);
    if (profile === null) {
      const hint = hintForName("profiles", id, shippedProfileIds());
      const message = `unknown profile: ${id}`;
      this.diagnostics.push(this.yaml.diagnostic(path, "E_NAME_UNKNOWN", message, { hint }));
    }
    return profile;
  }

  private changed(profile: Profile, path: DocumentPath | null): Profile | null {
    if (path === null) return profile;
    if (!shippedProfileIds().includes(profile.id)) {
      const message = `only profiles that come with Faultline can be changed here: ${profile.id}`;
      const hint = "change the profile's own file";
      this.diagnostics.push(
        this.yaml.diagnostic(path, "E_PROFILE_FIELD", message, { hint, ofKey: true }),
      );
      return null;
    }
    const { id, title } = profile;
    const about = { version: 1, id: `${id}-changed`, title: `${title}, changed`, extends: id };
    const { profile: found, diagnostics } = loadProfileFrom(this.yaml.below(path).over(about));
    this.diagnostics.push(...diagnostics);
    return found;
  }
}
