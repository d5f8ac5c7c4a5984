// The cells of a benchmark as rows of a table, each with all that it takes to run it again.
import { createHash } from "node:crypto";
import { shippedProfile } from "@faultline/profiles";
import { flatRow, type NamedRow } from "@faultline/report";
import { packageVersion } from "./version.ts";

/** What a benchmark says with `--json`. */
export interface BenchJson {
  readonly kernel: string;
  readonly seed: number;
  /** How often a program repeats, or how often the noise happens. */
  readonly rounds?: number;
  readonly every?: string;
  /** Each with what it is and what it came to. */
  readonly cells: readonly (object & { readonly profile: string })[];
}

/** A row for each cell. */
export function cellRows(bench: string, { cells, ...run }: BenchJson): NamedRow[] {
  return cells.map((cell) => ({
    bench,
    version: packageVersion(),
    profileVersion: profileVersion(cell.profile),
    ...flatRow(run),
    ...flatRow(cell),
  }));
}

/** Twelve hexadecimal digits that change with any number of a profile; null for one of your own. */
function profileVersion(id: string): string | null {
  const profile = shippedProfile(id);
  if (profile === null) return null;
  return createHash("sha256").update(JSON.stringify(profile)).digest("hex").slice(0, 12);
}
