// A report as one HTML file: figures, tables, expectations and the scenario's text. It has no
// script and asks nothing of any network; the figures' numbers are in it as JSON.
import { formatPs } from "@faultline/sim";
import { escapeText } from "../figure/svg.ts";
import { element } from "./html.ts";
import { htmlPage } from "./html-page.ts";
import type { ReportRun } from "./report-run.ts";
import {
  countersTable,
  percentilesTable,
  runsTable,
  sharesTable,
  expectationsTable,
  stepsTable,
  waysTable,
} from "./report-tables.ts";
import { type FigureSubject, type RunFigure, slug, waysOf } from "./run-figures.ts";

/** The runs of one scenario, and their figures. */
export interface ReportSection {
  readonly runs: readonly ReportRun[];
  readonly figures: readonly RunFigure[];
}

/** The page. @param createdBy such as `faultline 0.1.0`. */
export function reportPage(sections: readonly ReportSection[], createdBy: string): string {
  const titles = sections.map(({ runs }) => runs[0]?.title ?? "");
  const title = titles.length === 1 ? (titles[0] as string) : `${titles.length} scenarios`;
  const ids = sections.map(({ runs }, at) => `s${at + 1}-${slug(runs[0]?.run.scenario ?? "")}`);
  const links = titles.map((text, at) =>
    element("li", {}, element("a", { href: `#${ids[at] ?? ""}` }, escapeText(text))),
  );
  const body = [
    element("h1", {}, escapeText(title)),
    element("p", { class: "quiet" }, escapeText(`Simulated with ${createdBy}.`)),
    ...(sections.length > 1 ? [element("nav", {}, element("ul", {}, ...links))] : []),
    ...sections.map((section, at) => drawSection(section, ids[at] as string, sections.length > 1)),
    dataBlock(sections),
  ];
  return htmlPage(title, body);
}

function drawSection({ runs, figures }: ReportSection, id: string, hasTitle: boolean): string {
  const [first] = runs;
  if (first === undefined) return "";
  const drawn = (subject: FigureSubject, title: string, words: string): string => {
    const those = figures.filter((figure) => figure.subject === subject);
    if (those.length === 0) return "";
    const isWide = subject !== "latency" && subject !== "stages";
    const all = those.map(({ name, svg }) =>
      element("figure", { class: isWide ? "wide" : "half", id: `${id}-${name}` }, svg),
    );
    return [
      element("h3", {}, title),
      element("p", { class: "quiet" }, words),
      element("div", { class: "figures" }, ...all),
    ].join("\n");
  };
  return element(
    "section",
    { id },
    hasTitle ? element("h2", {}, escapeText(first.title)) : "",
    element("p", {}, element("code", {}, escapeText(first.run.scenario)), aboutText(first)),
    ...runs.map((one) => verdict(one, runs.length > 1)),
    runsTable(runs),
    drawn("latency", "How long faults took", "From the miss of an access until it could go on."),
    percentilesTable(runs),
    drawn("stages", "Where the time went", "Stages and waits add up to the latency exactly."),
    sharesTable(runs),
    drawn("placement", "Where pages were", "Memory in use by place, over simulated time."),
    drawn("links", "What was copied, and when", "Copies from one memory to another."),
    waysTable(runs),
    ...runs.map(countersTable),
    drawn("machine", "The machine", "Sockets, PCI and private links as the scenario has them."),
    element("h3", {}, "Steps and expectations"),
    ...runs.map(stepsTable),
    ...runs.map(expectationsTable),
    sourceOf(first),
  );
}

function aboutText({ kernel, run }: ReportRun): string {
  return escapeText(`, kernel ${kernel}, seed ${run.seed}, pages of ${run.pageBytes / 1024} KiB`);
}

function verdict(one: ReportRun, isNamed: boolean): string {
  const { run, passed, ended, steps, expectations } = one;
  const name = isNamed ? `${run.profile}: ` : "";
  const nrMissed = steps.filter(({ mismatches }) => mismatches.length > 0).length;
  const nrOfWhole = expectations.filter(({ isMet }) => !isMet).length;
  const ofWhole =
    nrOfWhole === 0 ? "" : `, and ${nrOfWhole} of ${expectations.length} of the whole run,`;
  const words =
    passed === null
      ? "expectations are not checked: the profile chose other drivers than the scenario has"
      : passed
        ? "all expectations are met"
        : `expectations of ${nrMissed} of ${steps.length} steps${ofWhole} are not met`;
  const tone = passed === null ? "quiet" : passed ? "good" : "bad";
  const end = ended === null ? "" : element("p", { class: "bad" }, escapeText(name + ended));
  return element("p", { class: tone }, escapeText(name + words)) + end;
}

function sourceOf({ source, run }: ReportRun): string {
  if (source === null) return "";
  const title = element("summary", {}, escapeText(`The scenario: ${run.scenario}`));
  return element("details", {}, title, element("pre", {}, escapeText(source)));
}

/** Numbers for programs; `<` is written so that nothing can end the block early. */
function dataBlock(sections: readonly ReportSection[]): string {
  const data = sections.flatMap(({ runs }) =>
    runs.map((one) => ({
      scenario: one.run.scenario,
      profile: one.run.profile,
      seed: one.run.seed,
      kernel: one.kernel,
      simulatedPs: one.simulatedPs,
      simulated: formatPs(one.simulatedPs),
      nrFaults: one.nrFaults,
      shareAssumed: one.shareAssumed,
      digest: one.digest,
      passed: one.passed,
      expectations: one.expectations,
      faults: one.kinds,
      bytesByPath: Object.fromEntries(waysOf(one).map(({ name, bytes }) => [name, bytes])),
      counters: one.counters,
    })),
  );
  const text = JSON.stringify({ runs: data }, null, 1).replaceAll("<", "\\u003c");
  return `<script type="application/json" id="faultline-data">${text}</script>`;
}
