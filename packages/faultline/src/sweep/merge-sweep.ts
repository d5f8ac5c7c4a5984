// Puts the parts of a sweep together: the rows are those of a run in one piece, in the same order.
import { type Diagnostic, diagnosticFor } from "@faultline/diagnostics";
import type { NamedRow } from "@faultline/report";

/** Rows of one file. */
export interface SweepPart {
  readonly path: string;
  readonly rows: readonly NamedRow[];
}

/** All rows, or what does not fit together. */
export interface MergedSweep {
  readonly rows: readonly NamedRow[];
  readonly diagnostics: readonly Diagnostic[];
}

const MAX_NAMED = 8;

/** Merges parts; each point is in one of them, and all are of one sweep. */
export function mergeSweep(parts: readonly SweepPart[]): MergedSweep {
  const diagnostics: Diagnostic[] = [];
  const [first] = parts.flatMap(({ rows }) => rows);
  const { sweep = null, points = 0 } = first ?? {};
  const isTold = new Set<string>();
  const byPoint = new Map<number, { readonly path: string; readonly rows: NamedRow[] }>();
  for (const { path, rows } of parts) {
    if (!rows.every((row) => row["sweep"] === sweep && typeof row["point"] === "number")) {
      const hint = "parts have the same scenario, --over, --seed, --profile and version";
      diagnostics.push(problem(path, "not a part of the same sweep as the others", hint));
      continue;
    }
    for (const row of rows) {
      const point = row["point"] as number;
      const held = byPoint.get(point) ?? { path, rows: [] };
      byPoint.set(point, held);
      if (held.path === path) held.rows.push(row);
      else if (held.rows.length > 0 && !isTold.has(path)) {
        isTold.add(path);
        const hint = "each part is given once, and has a shard of its own";
        diagnostics.push(problem(path, `point ${point} is in ${held.path} too`, hint));
      }
    }
  }
  const missing = Array.from({ length: Number(points) }, (_, n) => n).filter(
    (n) => !byPoint.has(n),
  );
  if (diagnostics.length === 0 && (missing.length > 0 || first === undefined)) {
    const names = missing.slice(0, MAX_NAMED).join(", ");
    const more = missing.length > MAX_NAMED ? `, … (${missing.length} of ${points})` : "";
    const hint = "run the shards that they belong to: point k is in shard k % n + 1 of n";
    diagnostics.push(problem(parts[0]?.path ?? "", `points are missing: ${names}${more}`, hint));
  }
  const order = [...byPoint.keys()].toSorted((a, b) => a - b);
  return { rows: order.flatMap((point) => byPoint.get(point)?.rows ?? []), diagnostics };
}

function problem(path: string, message: string, hint: string): Diagnostic {
  return diagnosticFor(path, "E_OPTION_INVALID", message, { hint });
}
