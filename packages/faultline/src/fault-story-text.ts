// The story of one fault as text: who, when and what became of it, a waterfall of its stages and
// waits, what each was charged, who held what it waited for, and the rules that decided.
import type {
  FaultStory,
  PageFacts,
  ResultStyle,
  SlowFault,
  StoryPrice,
} from "@faultline/scenario";
import { formatPs } from "@faultline/sim";
import { errnoName } from "@faultline/core";
import { reasonText } from "@faultline/stacks";
import { plainTable } from "./plain-table.ts";

/** Characters of the waterfall. */
const WIDTH = 40;

/** Everything about a fault. */
export function faultStoryText(story: FaultStory, style: ResultStyle): string {
  const { number, nrFaults, who, access, at, page, process, rc, startPs, latencyPs } = story;
  const { driver, step, attempt } = story;
  const place = at ?? `page 0x${page.toString(16)}`;
  const by = driver === null ? "" : ` (${driver})`;
  const lines = [
    style.strong(
      `fault ${number} of ${nrFaults}: ${access} of ${place} by ${who}${by}, ${process}`,
    ),
    `  at ${formatPs(startPs)}, took ${formatPs(latencyPs)}${rc === 0 ? "" : `, ${errnoName(rc)}`}`,
    ...(step === null ? [] : [`  in step ${step.number}, line ${step.line}: ${step.text}`]),
    ...(attempt === 0 ? [] : [`  the access had faulted before: this is attempt ${attempt + 1}`]),
    "",
    style.strong("The page"),
    ...factsLines("before", story.before),
    ...factsLines("after", story.after),
    "",
    style.strong("Where the time went"),
    ...waterfall(story),
    "",
  ];
  return [
    lines.join("\n"),
    ...priceLines(story.prices, style),
    ...waitLines(story, style),
    ...decisionLines(story, style),
  ].join("\n");
}

/** The slowest faults as a table. */
export function slowestText(faults: readonly SlowFault[], nrFaults: number, file: string): string {
  const [first] = faults;
  if (first === undefined) return "no fault\n";
  const rows = faults.map(({ number, who, access, at, page, startPs, latencyPs, longest }) => [
    number,
    `${who} ${access}`,
    at ?? `0x${page.toString(16)}`,
    formatPs(startPs),
    formatPs(latencyPs),
    `${longest.activity} ${formatPs(longest.ps)}`,
  ]);
  const head = ["fault", "who", "page", "began", "took", "most of it"];
  const more = `faultline explain ${file} --fault ${first.number}`;
  const aligns = ["right", "left", "left", "right", "right", "left"] as const;
  return `${plainTable(head, rows, aligns)}\n${faults.length} of ${nrFaults}; more: ${more}\n`;
}

function factsLines(when: string, { cpu, folio, devices }: PageFacts): string[] {
  const entries = devices.map(({ device, aperture, writable, address }) => {
    const right = writable ? "rw" : "r-";
    const space = address === null ? "" : `, ${address} address`;
    return aperture === "none" ? `${device}: no entry` : `${device}: ${aperture} ${right}${space}`;
  });
  const lines = [`CPU: ${cpu}`, ...entries];
  if (folio !== null) {
    const { pfn, order, isAnonymous, mapcount, refCount, place, owner } = folio;
    const what = isAnonymous ? "anonymous " : "";
    const owned = owner === null ? "" : `, owner ${owner}`;
    lines.push(
      `folio: ${what}order ${order}, pfn 0x${pfn.toString(16)} on ${place}${owned},` +
        ` mapcount ${mapcount}, refcount ${refCount}`,
    );
  }
  return lines.map((line, i) => `  ${(i === 0 ? when : "").padEnd(7)} ${line}`);
}

function waterfall({ slices, latencyPs }: FaultStory): string[] {
  const nameOf = ({ kind, activity }: (typeof slices)[number]): string => {
    return kind === "wait" ? `wait: ${activity}` : activity;
  };
  const width = Math.max(0, ...slices.map((slice) => nameOf(slice).length));
  const column = (ps: number): number => Math.round((ps / Math.max(1, latencyPs)) * WIDTH);
  return slices.map((slice) => {
    const { atPs, durationPs, kind } = slice;
    const from = Math.min(column(atPs), WIDTH - 1);
    const length = Math.max(1, column(atPs + durationPs) - from);
    const bar = " ".repeat(from) + (kind === "wait" ? "." : "#").repeat(length);
    const name = nameOf(slice).padEnd(width);
    return `  ${name}  |${bar.padEnd(WIDTH)}|  +${formatPs(atPs)}, ${formatPs(durationPs)}`;
  });
}

function priceLines(prices: readonly StoryPrice[], style: ResultStyle): string[] {
  if (prices.length === 0) return [];
  const rows = prices.map(({ stage, path, units, ps, kind, confidence }) => [
    stage,
    formatPs(ps),
    path.endsWith("bandwidth") ? `${units} B` : String(units),
    path,
    kind === "assumed" ? kind : `${kind}, ${confidence}`,
  ]);
  const sources = new Map<string, Set<string>>();
  for (const { path, source } of prices) {
    if (source !== "") sources.set(source, (sources.get(source) ?? new Set()).add(path));
  }
  const head = ["stage", "time", "units", "price", "kind"];
  const aligns = ["left", "right", "right", "left", "left"] as const;
  return [
    style.strong("What it was charged"),
    indented(plainTable(head, rows, aligns)),
    ...[...sources].map(([source, paths]) => style.dim(`  ${[...paths].join(", ")}: ${source}`)),
    "",
  ];
}

function waitLines({ waits, neighbours, nrNeighbours }: FaultStory, style: ResultStyle): string[] {
  if (waits.length === 0 && neighbours.length === 0) return [];
  const held = waits.map(({ object, holder, waitedPs }) => {
    return `  ${object}: ${formatPs(waitedPs)}${holder === null ? "" : `, held by ${holder}`}`;
  });
  const others = neighbours.map(({ number, who, at, fromPs, toPs }) => {
    const from = fromPs < 0 ? `-${formatPs(-fromPs)}` : `+${formatPs(fromPs)}`;
    const what = at === null ? who : `${who}, ${at}`;
    return `  fault ${number} of ${what}: ${from} to +${formatPs(toPs)}`;
  });
  const left = nrNeighbours - neighbours.length;
  return [
    ...(held.length === 0 ? [] : [style.strong("What it waited for"), ...held, ""]),
    ...(others.length === 0
      ? []
      : [
          style.strong("Faults that ended while it lasted"),
          ...(left === 0 ? [] : [`  ${left} more before these`]),
          ...others,
          "",
        ]),
  ];
}

function decisionLines({ decisions }: FaultStory, style: ResultStyle): string[] {
  if (decisions.length === 0) return [];
  const lines = decisions.map(({ rule, atPs, at, nrPages, count }) => {
    const where = at === null ? "" : `${at}${nrPages > 1 ? `, ${nrPages} pages` : ""}: `;
    const times = count > 1 ? ` (${count} times)` : "";
    return `  +${formatPs(atPs)}  ${where}${reasonText(rule, times)}`;
  });
  return [style.strong("The rules that decided, in order"), ...lines, ""];
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}
