// docs/open-questions.md: the questions of the discussion, and the switches that answer them.
import { readdirSync } from "node:fs";
import { DESIGN_NAMES, DESIGN_PRESETS, DESIGN_SWITCHES, OPEN_QUESTIONS } from "@faultline/core";

const HEAD = `# Open questions

In April 2024 the maintainers of GPU drivers discussed how devices of several kinds share one
address space, and left thirty questions open. Each can be tried here. Where a switch answers it,
the switch is a key under \`designs\` of a scenario, with Linux 7.2's choice as its default:

\`\`\`yaml
designs: { hmm.p2pOp: v2, owner.formation: greedyClique }
\`\`\`

\`faultline explain FILE --path A B --design NAME=VALUE\` shows what a switch does to one pair of
devices, and the scenarios in
[\`scenarios/open-questions/\`](../scenarios/open-questions) what it does to a program. Each of
those fails when its switches are taken away, or, where no switch answers, when what the question
is about does not happen: the tests try that too.

(This page is generated; \`npm run docs\` renews it.)

## The questions

`;

const PRESETS = `## Designs as a whole

Five designs were proposed as a whole. \`preset\` among \`designs\` sets one; other keys change it.
The scenarios in [\`scenarios/designs/\`](../scenarios/designs) run one workload under each.

| preset | what it sets |
|---|---|
`;

const SCENARIOS = readdirSync(new URL("../scenarios/open-questions/", import.meta.url))
  .filter((name) => name.endsWith(".yaml"))
  .toSorted();

/** Links to the scenarios of a question. */
function scenariosOf(id) {
  const start = `q${id.slice(1).padStart(2, "0")}-`;
  const own = SCENARIOS.filter((name) => name.startsWith(start));
  const links = own.map((name) => {
    const title = name.slice(0, -".yaml".length);
    return `[${title}](../scenarios/open-questions/${name})`;
  });
  return links.join(", ");
}

/** The page. */
export function openQuestionsPage() {
  const questions = OPEN_QUESTIONS.map(
    ({ id, raisedBy, question, linux72, designs, elsewhere }) => {
      const switches = designs.map((name) => `[\`${name}\`](#${anchor(name)})`);
      const answers = [...switches, ...elsewhere].join("; ");
      const cells = [id, question, raisedBy, linux72, answers, scenariosOf(id)];
      return `| ${cells.join(" | ")} |\n`.replace("|  |", "| |");
    },
  );
  const switches = DESIGN_NAMES.map((name) => {
    const { about, values, meanings, raisedBy } = DESIGN_SWITCHES[name];
    const rows = values.map((value, i) => {
      const isDefault = i === 0 ? " (Linux 7.2)" : "";
      return `| \`${value}\`${isDefault} | ${meanings[i]} |\n`;
    });
    const table = `| value | meaning |\n|---|---|\n${rows.join("")}`;
    return `### ${name}\n\n${about} Raised by ${raisedBy}.\n\n${table}\n`;
  });
  const presets = Object.entries(DESIGN_PRESETS).map(([name, designs]) => {
    const set = Object.entries(designs).map(([key, value]) => `\`${key}: ${value}\``);
    return `| \`${name}\` | ${set.join(", ")} |\n`;
  });
  const columns =
    "| | question | raised by | Linux 7.2 | where it is answered | scenarios |\n" +
    "|---|---|---|---|---|---|\n";
  const parts = [HEAD, columns, ...questions, "\n", PRESETS, ...presets, "\n## The switches\n\n"];
  return `${parts.join("")}${switches.join("\n").trimEnd()}\n`;
}

function anchor(name) {
  return name.toLowerCase().replace(/[^a-z0-9-]/g, "");
}
