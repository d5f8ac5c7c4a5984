// Colours of a machine's figure, for light and dark surroundings. They are variables, so a page
// that holds the figure can set its own; no rule reaches beyond the figure.

const LIGHT = {
  paper: "#ffffff",
  ink: "#1f2328",
  soft: "#59636e",
  wire: "#8c959f",
  socket: "#ddf4ff",
  bridge: "#f6f8fa",
  function: "#ffffff",
  device: "#dafbe1",
  switch: "#fff8c5",
  "link-0": "#0969da",
  "link-1": "#cf222e",
  "link-2": "#8250df",
  "link-3": "#bc4c00",
  "link-4": "#1a7f37",
  "link-5": "#bf3989",
};

const DARK: typeof LIGHT = {
  paper: "#0d1117",
  ink: "#e6edf3",
  soft: "#9198a1",
  wire: "#6e7681",
  socket: "#0c2d4b",
  bridge: "#161b22",
  function: "#0d1117",
  device: "#12341d",
  switch: "#3b2f04",
  "link-0": "#58a6ff",
  "link-1": "#ff7b72",
  "link-2": "#bc8cff",
  "link-3": "#ffa657",
  "link-4": "#56d364",
  "link-5": "#f778ba",
};

function variables(colours: Readonly<Record<string, string>>): string {
  return Object.entries(colours)
    .map(([name, value]) => `--${name}:${value};`)
    .join("");
}

/** A variable, after the light colour itself for viewers that know no variables. */
function paint(property: "fill" | "stroke", name: keyof typeof LIGHT): string {
  return `${property}:${LIGHT[name]};${property}:var(--${name})`;
}

const BOXES = ["socket", "bridge", "function", "device", "switch"] as const;
const LINKS = ["link-0", "link-1", "link-2", "link-3", "link-4", "link-5"] as const;

/** Classes `link-0` and so on: one for each sort of private link, from the first again after. */
export const NR_LINK_CLASSES: number = LINKS.length;

/** The class of the whole figure. */
export const FIGURE_CLASS = "faultline-machine";

const RULES = [
  ` text{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;${paint("fill", "ink")}}`,
  " .title{font-size:14px;font-weight:600}",
  " .name{font-weight:600}",
  ` .soft{${paint("fill", "soft")}}`,
  ` rect{${paint("stroke", "wire")}}`,
  ` .paper{${paint("fill", "paper")};stroke:none}`,
  ...BOXES.map((kind) => ` .${kind} rect{${paint("fill", kind)}}`),
  ` .host-bridge rect{${paint("fill", "bridge")};stroke-dasharray:4 2}`,
  ` .wire{${paint("stroke", "wire")};fill:none}`,
  " .link{fill:none;opacity:.85}",
  ...LINKS.map((name) => ` .${name}{${paint("stroke", name)}}`),
];

/** The style sheet of a figure. */
export const FIGURE_STYLE: string = [
  `.${FIGURE_CLASS}{${variables(LIGHT)}}`,
  `@media (prefers-color-scheme:dark){.${FIGURE_CLASS}{${variables(DARK)}}}`,
  ...RULES.map((rule) => `.${FIGURE_CLASS}${rule}`),
].join("\n");
