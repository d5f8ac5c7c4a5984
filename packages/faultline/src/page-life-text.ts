// The life of a page under a clock as text: every fault and every change of an entry with its time,
// then how often each happened.
import { errnoName } from "@faultline/core";
import type { LifeChange, LifeEvent, LifeFault, PageLife, ResultStyle } from "@faultline/scenario";
import { formatPs } from "@faultline/sim";
import { reasonText } from "@faultline/stacks";

/** Events that are shown; half of them from the end where there are more. */
const MAX_SHOWN = 60;

/** Columns of the time. */
const TIME_WIDTH = 12;

/** What a page is called, and in which run. */
export interface LifeHead {
  readonly place: string;
  readonly file: string;
  readonly profile: string;
}

/** Everything about the page. */
export function pageLifeText(
  { events, page, simulatedPs, stuck }: PageLife,
  { place, file, profile }: LifeHead,
  style: ResultStyle,
): string {
  const head = `${place} (page 0x${page.toString(16)}) of ${file}, profile ${profile}`;
  if (events.length === 0) return `${style.strong(head)}\n\nnothing happened to ${place}\n`;
  const half = MAX_SHOWN / 2;
  const nrLeft = Math.max(0, events.length - MAX_SHOWN);
  const first = nrLeft === 0 ? events : events.slice(0, half);
  const last = nrLeft === 0 ? [] : events.slice(-half);
  const gap = nrLeft === 0 ? [] : [`${"".padStart(TIME_WIDTH)}  ${nrLeft} more; --json has all`];
  return [
    style.strong(head),
    "",
    ...first.flatMap((event) => eventLines(event, style)),
    ...gap,
    ...last.flatMap((event) => eventLines(event, style)),
    "",
    ...summary(events),
    `${formatPs(simulatedPs)} simulated`,
    ...(stuck === null ? [] : [style.bad(`stuck: ${stuck}`)]),
    "",
  ].join("\n");
}

function eventLines(event: LifeEvent, style: ResultStyle): string[] {
  const time = formatPs(event.atPs).padStart(TIME_WIDTH);
  const more = "".padStart(TIME_WIDTH);
  if (event.kind === "fault") return [`${time}  ${faultText(event)}`];
  const { process, device, before, after, moved, by, rules } = event;
  const whose = device === null ? process : `${device} for ${process}`;
  const lines = [`${time}  ${whose}: ${before} → ${after}${by === null ? "" : `, by ${by}`}`];
  if (moved !== null) {
    const what = moved.isEviction ? "evicted" : "moved";
    lines.push(`${more}  ${what} from ${moved.from} to ${moved.to}`);
  }
  for (const rule of rules) lines.push(style.dim(`${more}  why: ${reasonText(rule)}`));
  return lines;
}

function faultText({ number, access, who, process, latencyPs, rc }: LifeFault): string {
  const what = `${access} by ${who}, ${process}`;
  if (number === null) return `fault that has not ended: ${what}`;
  const failed = rc === 0 ? "" : `, ${errnoName(rc)}`;
  return `fault ${number}: ${what}, took ${formatPs(latencyPs)}${failed}`;
}

/** How often what happened. */
function summary(events: readonly LifeEvent[]): string[] {
  const faults = events.filter((event) => event.kind === "fault");
  const changes = events.filter((event) => event.kind === "entry");
  const moves = changes.flatMap(({ moved }) => (moved === null ? [] : [moved]));
  const made = changes.filter(isMade);
  const first = changes.find(({ device, before }) => device === null && before === "nothing");
  const lines = [
    first === undefined
      ? []
      : [`first touched at ${formatPs(first.atPs)}${first.by === null ? "" : ` by ${first.by}`}`],
    [`faults: ${tally(faults.map(({ who, access }) => `${access} by ${who}`))}`],
    [`moves: ${tally(moves.map(({ from, to }) => `${from} → ${to}`))}`],
    [`evictions: ${tally(moves.flatMap(({ isEviction, from }) => (isEviction ? [from] : [])))}`],
    [`entries of devices: ${tally(made.map(({ device, after }) => `${device} ${after}`))}`],
  ];
  return lines.flat();
}

function isMade({ device, before }: LifeChange): boolean {
  return device !== null && before === "no entry";
}

/** `A (2), B (1)`: how often each comes, in the order in which they came first. */
function tally(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  if (counts.size === 0) return "none";
  return [...counts].map(([name, count]) => `${name} (${count})`).join(", ");
}
