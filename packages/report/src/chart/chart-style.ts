// Colours and letters of charts, for light and dark surroundings. The colours of series are those
// of Okabe and Ito, which people tell apart who see no red or no green; lighter in the dark.

const LIGHT = {
  paper: "#ffffff",
  ink: "#1f2328",
  soft: "#59636e",
  grid: "#e6e9ec",
  axis: "#8c959f",
  "series-0": "#0072b2",
  "series-1": "#d55e00",
  "series-2": "#009e73",
  "series-3": "#b3568f",
  "series-4": "#a27300",
  "series-5": "#2d8fc4",
  "series-6": "#5b5b5b",
};

const DARK: typeof LIGHT = {
  paper: "#0d1117",
  ink: "#e6edf3",
  soft: "#9198a1",
  grid: "#21262d",
  axis: "#6e7681",
  "series-0": "#4da6e0",
  "series-1": "#f28e4b",
  "series-2": "#2fc49a",
  "series-3": "#dd8fbf",
  "series-4": "#e6b33d",
  "series-5": "#8cd0f5",
  "series-6": "#a8a8a8",
};

const SERIES = ["series-0", "series-1", "series-2", "series-3", "series-4", "series-5", "series-6"];

/** The class of a chart. */
export const CHART_CLASS = "faultline-chart";

/** The class of a series, by its number; from the first again after the last. */
export function seriesClass(series: number): string {
  return SERIES[series % SERIES.length] as string;
}

const DASHES = [undefined, "8 3", "3 2", "10 3 2 3", "1 2"] as const;

/** Each series has dashes of its own, so that of two lines on each other both can be seen. */
export function seriesDashes(series: number): string | undefined {
  return DASHES[series % DASHES.length];
}

function variables(colours: Readonly<Record<string, string>>): string {
  return Object.entries(colours)
    .map(([name, value]) => `--${name}:${value};`)
    .join("");
}

/** A variable, after the light colour itself for viewers that know no variables. */
function paint(property: "fill" | "stroke", name: string): string {
  const light = (LIGHT as Readonly<Record<string, string>>)[name] ?? "";
  return `${property}:${light};${property}:var(--${name})`;
}

const RULES = [
  ` text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;${paint("fill", "ink")}}`,
  " .title{font-size:13px;font-weight:600}",
  ` .soft{${paint("fill", "soft")}}`,
  " .number{font-variant-numeric:tabular-nums}",
  ` .paper{${paint("fill", "paper")}}`,
  ` .grid{${paint("stroke", "grid")};fill:none}`,
  ` .axis{${paint("stroke", "axis")};fill:none}`,
  " .line{fill:none;stroke-width:1.75;stroke-linejoin:round}",
  " .whisker{fill:none;stroke-width:1.25}",
  " .wait{fill-opacity:.35;stroke-width:1}",
  " .area{fill-opacity:.55;stroke:none}",
  ` .halo{${paint("stroke", "paper")};stroke-width:3px;paint-order:stroke;stroke-linejoin:round}`,
  ...SERIES.flatMap((name) => [
    ` .${name}{${paint("stroke", name)};${paint("fill", name)}}`,
    ` .line.${name},.faultline-chart .whisker.${name}{fill:none}`,
    ` text.${name}{stroke:none;font-weight:600}`,
    ` text.halo.${name}{${paint("stroke", "paper")}}`,
  ]),
];

/** The style sheet of a chart. */
export const CHART_STYLE: string = [
  `.${CHART_CLASS}{${variables(LIGHT)}}`,
  `@media (prefers-color-scheme:dark){.${CHART_CLASS}{${variables(DARK)}}}`,
  ...RULES.map((rule) => `.${CHART_CLASS}${rule}`),
].join("\n");
