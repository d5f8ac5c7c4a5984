// The field of charts over simulated time: its axis, and marks where the steps of a scenario begin.
import { scaleLinear } from "d3-scale";
import { escapeText, round, svg } from "../figure/svg.ts";
import { axisBelow, type AxisPlace } from "./chart-frame.ts";
import { shortNumber, timeUnit } from "./units.ts";

/** When a step began. */
export interface StepMark {
  readonly number: number;
  readonly beganPs: number;
  readonly text: string;
}

/** A field whose horizontal axis is time. */
export interface TimeField {
  readonly x: (ps: number) => number;
  readonly axis: string;
}

/** Numbers of steps nearer to each other than this are left out. */
const MARK_GAP = 14;

/** The axis of a run that took so long; marks stand above the field. */
export function timeField(place: AxisPlace, endPs: number, marks: readonly StepMark[]): TimeField {
  const unit = timeUnit(endPs);
  const scale = scaleLinear([0, Math.max(1, endPs) / unit.size], [place.left, place.right]);
  const x = (ps: number): number => scale(ps / unit.size);
  const ticks = scale.ticks(8).map((value) => ({ at: scale(value), label: shortNumber(value) }));
  const axis = axisBelow(place, ticks, `simulated time in ${unit.name}; numbers above are steps`);
  return { x, axis: `${axis}\n${drawMarks(place, x, marks)}` };
}

function drawMarks(
  { top, bottom }: AxisPlace,
  x: (ps: number) => number,
  marks: readonly StepMark[],
): string {
  let last = Number.NEGATIVE_INFINITY;
  return marks
    .flatMap(({ number, beganPs, text }) => {
      const at = x(beganPs);
      if (at - last < MARK_GAP) return [];
      last = at;
      return [
        svg("path", {
          class: "axis",
          "stroke-dasharray": "1 3",
          d: `M${round(at)} ${round(top)}V${round(bottom)}`,
        }),
        svg(
          "text",
          { class: "soft number", style: "font-size:9px", x: at, y: top - 3 },
          String(number),
          svg("title", {}, escapeText(`${number}  ${text}`)),
        ),
      ];
    })
    .join("\n");
}
