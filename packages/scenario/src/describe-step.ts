// A step in one line, as the reports print it.
import type { PlannedStep } from "./plan.ts";

const HIDDEN = new Set(["do", "process", "expect", "at", "pages", "name", "device"]);

/** For example `app: device_write gpu0 heap+2, 4 pages`. */
export function describeStep({ step, process, mapping, start, nrPages }: PlannedStep): string {
  const words = [`${process}: ${step.do}`];
  if ("device" in step && step.device !== undefined && step.do !== "check") words.push(step.device);
  if (mapping !== null) {
    const offset = start - mapping.start;
    const place = offset === 0 ? mapping.name : `${mapping.name}+${offset}`;
    words.push(`${place}, ${nrPages} page${nrPages === 1 ? "" : "s"}`);
  }
  const details = Object.entries(step).filter(([key, value]) => {
    return !HIDDEN.has(key) && !isEmpty(value);
  });
  for (const [key, value] of details) words.push(`${key}=${shown(value)}`);
  return words.join(" ");
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
