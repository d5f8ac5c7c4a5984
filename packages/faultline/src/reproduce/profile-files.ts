// Profiles that a file of targets names: by id, or by their path from that file.
import { dirname, join } from "node:path";
import type { Diagnostic, SourceText } from "@faultline/diagnostics";
import { loadProfile, type Profile, shippedProfile } from "@faultline/profiles";
import type { CommandIo } from "../command-io.ts";
import { isProfileFile } from "../profile-option.ts";
import { readSource } from "../read-source.ts";

/** Finds profiles for one file of targets; each file is read once. */
export class ProfileFiles {
  readonly diagnostics: Diagnostic[] = [];
  readonly sources: SourceText[] = [];
  private readonly known = new Map<string, Profile | null>();
  private readonly io: CommandIo;
  private readonly from: string;

  constructor(io: CommandIo, from: string) {
    this.io = io;
    this.from = from;
  }

  /** A profile by its name; null where there is none. */
  readonly find = (name: string): Profile | null => {
    if (!isProfileFile(name) || name === "-") return shippedProfile(name);
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const profile = this.load(name);
    this.known.set(name, profile);
    return profile;
  };

  private load(name: string): Profile | null {
    const folder = this.from === "<stdin>" ? "." : dirname(this.from);
    const read = readSource(this.io, join(folder, name));
    if (read.source === undefined) return null;
    const { profile, diagnostics } = loadProfile(read.source.text, read.source.file);
    this.diagnostics.push(...diagnostics);
    this.sources.push(read.source);
    return profile;
  }
}
