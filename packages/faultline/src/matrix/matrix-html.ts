// The whole matrix as one HTML file.
import {
  type HeatCell,
  type MatrixFigure,
  matrixPage,
  type MatrixSection,
  type NamedRow,
} from "@faultline/report";
import { formatPs } from "@faultline/sim";
import { reasonsOf } from "../bench-texts.ts";
import { packageVersion } from "../version.ts";
import { MATRIX_ACCESSES, MATRIX_NOISES, MATRIX_PLACES, MATRIX_SIZES } from "./matrix-cell.ts";
import { cellReasons } from "./matrix-table.ts";

const ABOUT = [
  "How long a fault of a GPU takes at the median: by what the kernel does meanwhile, what the GPU" +
    " does, how much is mapped at once, and where the memory is. Darker is longer, within one" +
    " figure. A stroke is a cell without enough faults, or one that cannot be.",
];

/** A page with a heat map for each profile and size among the rows. */
export function matrixHtml(rows: readonly NamedRow[]): string {
  const profiles = [...new Set(rows.map((row) => String(row["profile"])))];
  const sections = profiles.map((profile): MatrixSection => {
    const own = rows.filter((row) => row["profile"] === profile);
    const sizes = MATRIX_SIZES.filter((size) => own.some((row) => row["size"] === size));
    const figures = sizes.map((size) =>
      figureOf(
        `${profile}, ${size}`,
        own.filter((row) => row["size"] === size),
      ),
    );
    return { title: profile, figures };
  });
  const title = "Faults of GPUs, by noise and place";
  return matrixPage(title, ABOUT, sections, `faultline ${packageVersion()}`);
}

function figureOf(title: string, rows: readonly NamedRow[]): MatrixFigure {
  const among = <T extends string>(all: readonly T[], column: string): T[] =>
    all.filter((one) => rows.some((row) => row[column] === one));
  const noises = among(MATRIX_NOISES, "noise");
  const accesses = among(MATRIX_ACCESSES, "access");
  const places = among(MATRIX_PLACES, "place");
  const columns = accesses.flatMap((access) => places.map((place) => ({ access, place })));
  const cells = noises.map((noise) =>
    columns.map(({ access, place }) =>
      cellOf(
        `${noise}, ${access} ${place}`,
        rows.find(
          (row) => row["noise"] === noise && row["access"] === access && row["place"] === place,
        ),
      ),
    ),
  );
  const groups = accesses.map((name) => ({ name, columns: places }));
  return {
    title,
    notes: [notesOf(rows)],
    map: { rows: noises, groups, cells },
    reasons: reasonsOf(cellReasons(rows, ["noise", "access", "place"])),
  };
}

function notesOf(rows: readonly NamedRow[]): string {
  const [first = {}] = rows;
  const { kernel, every, seed, profileVersion } = first;
  const run = `kernel ${kernel}, noise every ${every}, seed ${seed}`;
  return `median of a fault; ${run}, profile version ${profileVersion}`;
}

function cellOf(name: string, row: NamedRow | undefined): HeatCell {
  const ps = typeof row?.["p50Ps"] === "number" ? row["p50Ps"] : null;
  if (row === undefined || ps === null) return { ps: null, about: name };
  const { nrFaults, p99Ps, most, mostShare, shareAssumed } = row;
  const p99 = typeof p99Ps === "number" ? `, p99 ${formatPs(p99Ps)}` : "";
  const share = (one: unknown): string => `${(Number(one) * 100).toFixed(1)} %`;
  const times = `${nrFaults} faults, p50 ${formatPs(ps)}${p99}`;
  const shares = `${most} ${share(mostShare)}; ${share(shareAssumed)} assumed`;
  return { ps, about: `${name}: ${times}; ${shares}` };
}
