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
  "How long a fault of a GPU takes at the median, and what an access waits for in all: by what" +
    " the kernel does meanwhile, what the GPU does, how much is mapped at once, and where the" +
    " memory is. Darker is longer, within one figure. A stroke is a cell without enough faults," +
    " or one that cannot be.",
  "Under thp-collapse memory is written in single pages first, so that it is other memory than" +
    " that of the other rows.",
];

/** What a figure shows of a cell. */
const MEASURES = [
  { column: "p50Ps", what: "median of a fault" },
  { column: "perAccessPs", what: "all faults of an access, mean" },
] as const;
type Measure = (typeof MEASURES)[number];

/** A page with two heat maps for each profile and size among the rows. */
export function matrixHtml(rows: readonly NamedRow[]): string {
  const profiles = [...new Set(rows.map((row) => String(row["profile"])))];
  const sections = profiles.map((profile): MatrixSection => {
    const own = rows.filter((row) => row["profile"] === profile);
    const sizes = MATRIX_SIZES.filter((size) => own.some((row) => row["size"] === size));
    const figures = sizes.flatMap((size) => {
      const ofSize = own.filter((row) => row["size"] === size);
      return MEASURES.map((measure) => figureOf(`${profile}, ${size}`, ofSize, measure));
    });
    return { title: profile, figures };
  });
  const title = "Faults of GPUs, by noise and place";
  return matrixPage(title, ABOUT, sections, `faultline ${packageVersion()}`);
}

function figureOf(what: string, rows: readonly NamedRow[], measure: Measure): MatrixFigure {
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
        measure,
      ),
    ),
  );
  const groups = accesses.map((name) => ({ name, columns: places }));
  return {
    title: `${what}: ${measure.what}`,
    notes: [notesOf(rows)],
    map: { rows: noises, groups, cells },
    // They are the same for both figures, so they stand below the second one.
    reasons:
      measure.column === "p50Ps" ? [] : reasonsOf(cellReasons(rows, ["noise", "access", "place"])),
  };
}

function notesOf(rows: readonly NamedRow[]): string {
  const [first = {}] = rows;
  const { kernel, every, seed, profileVersion } = first;
  const run = `kernel ${kernel}, noise every ${every}, seed ${seed}`;
  return `${run}, profile version ${profileVersion}`;
}

function cellOf(name: string, row: NamedRow | undefined, { column }: Measure): HeatCell {
  const ps = row?.[column];
  if (row === undefined || typeof ps !== "number") return { ps: null, about: name };
  const { nrFaults, nrAccesses, most, mostShare, shareAssumed } = row;
  const timeOf = (key: string): string[] => {
    const time = row[`${key}Ps`];
    return typeof time === "number" ? [`${key} ${formatPs(time)}`] : [];
  };
  const share = (one: unknown): string => `${(Number(one) * 100).toFixed(1)} %`;
  const times = ["p50", "p90", "p99"].flatMap(timeOf).join(", ");
  const shares = `${most} ${share(mostShare)}; ${share(shareAssumed)} assumed`;
  return { ps, about: `${name}: ${nrFaults} faults, ${nrAccesses} accesses; ${times}; ${shares}` };
}
