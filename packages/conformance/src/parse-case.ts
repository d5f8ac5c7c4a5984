// Reads one line of a case file. Every problem of the line is reported; a bad line yields null.

import type { BootKind, ConformanceCase } from "./case.ts";
import {
  counting,
  integerField,
  isObject,
  type JsonObject,
  prefixed,
  preview,
  type Report,
  reportUnknownFields,
  stringField,
} from "./json-shape.ts";
import type { CaseOp } from "./operation.ts";
import {
  type ArgumentSpec,
  argumentProblem,
  isOperationName,
  OPERATION_TABLE,
} from "./operation-table.ts";

const CASE_FIELDS: ReadonlySet<string> = new Set("id cat seed boot W numa thp x ops".split(" "));
const BOOTS: ReadonlySet<unknown> = new Set<BootKind>(["std", "swap", "coh"]);
/** A window never spans more: 4 GiB of 4 KiB pages. */
const MAX_WINDOW_PAGES = 1 << 20;

/** A case from its parsed JSON, or null after reporting what is wrong. */
export function parseCase(json: unknown, report: Report): ConformanceCase | null {
  if (!isObject(json)) {
    report(`a case must be an object, not ${preview(json)}`);
    return null;
  }
  const counter = counting(report);
  const count = counter.report;
  reportUnknownFields(json, CASE_FIELDS, "a case", count);
  const result: ConformanceCase = {
    id: stringField(json, "id", count),
    category: stringField(json, "cat", count),
    seed: integerField(json, "seed", [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER], count, 0),
    boot: bootOf(json, count),
    windowPages: integerField(json, "W", [1, MAX_WINDOW_PAGES], count),
    numa: integerField(json, "numa", [0, 1], count, 0) === 1,
    thp: integerField(json, "thp", [0, 1], count, 0) === 1,
    options: integerField(json, "x", [0, 7], count, 0),
    ops: opsOf(json, count),
  };
  return counter.errors === 0 ? result : null;
}

function bootOf(json: JsonObject, report: Report): BootKind {
  const boot = json["boot"] ?? "std";
  if (BOOTS.has(boot)) return boot as BootKind;
  report(`\`boot\` must be one of std, swap, coh, not ${preview(boot)}`);
  return "std";
}

function opsOf(json: JsonObject, report: Report): CaseOp[] {
  const ops = json["ops"];
  if (!Array.isArray(ops)) {
    report(`\`ops\` must be an array of operations, not ${preview(ops)}`);
    return [];
  }
  return ops.flatMap((op: unknown, index) => parseOp(op, prefixed(`op ${index}`, report)) ?? []);
}

/** An operation from its array form, or null after reporting what is wrong. */
export function parseOp(json: unknown, report: Report): CaseOp | null {
  if (!Array.isArray(json)) {
    report(`an operation must be an array, not ${preview(json)}`);
    return null;
  }
  const [name, process, ...values] = json as unknown[];
  if (typeof name !== "string" || !isOperationName(name)) {
    report(`there is no operation ${preview(name)}`);
    return null;
  }
  let whole = true;
  const fail = (message: string): void => {
    whole = false;
    report(`${name}: ${message}`);
  };
  const processProblem = argumentProblem("process", process);
  if (processProblem !== null) fail(`the process ${processProblem}, not ${preview(process)}`);
  const specs: readonly ArgumentSpec[] = OPERATION_TABLE[name];
  const op: Record<string, unknown> = { name, process };
  if (values.length > specs.length) {
    fail(`takes ${specs.length} arguments after the process, not ${values.length}`);
  }
  specs.forEach(([argument, kind, byDefault], i) => {
    const value = i < values.length ? values[i] : byDefault;
    const problem = value === undefined ? "is missing" : argumentProblem(kind, value);
    if (problem === null) op[argument] = value;
    else fail(`\`${argument}\` ${problem}${value === undefined ? "" : `, not ${preview(value)}`}`);
  });
  return whole ? (op as unknown as CaseOp) : null;
}
