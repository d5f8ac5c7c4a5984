// Shapes of parsed JSON: a check names every place of a value that is not as it should be.
import { isObject, preview, type Report } from "../json-shape.ts";

/** Reports what is wrong with `value`, which stands at `path`. */
export type Shape = (value: unknown, path: string, report: Report) => void;

/** An integer from `least` to `most`. */
export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER): Shape {
  return (value, path, report) => {
    if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) {
      return;
    }
    report(`\`${path}\` must be an integer from ${least} to ${most}, not ${preview(value)}`);
  };
}

/** A text that matches `pattern`. */
export function text(pattern: RegExp = /^[^]*$/, what = "a text"): Shape {
  return (value, path, report) => {
    if (typeof value === "string" && pattern.test(value)) return;
    report(`\`${path}\` must be ${what}, not ${preview(value)}`);
  };
}

export const boolean: Shape = (value, path, report) => {
  if (typeof value !== "boolean") {
    report(`\`${path}\` must be true or false, not ${preview(value)}`);
  }
};

/** One of a few values. */
export function oneOf(...values: readonly unknown[]): Shape {
  return (value, path, report) => {
    if (values.includes(value)) return;
    report(`\`${path}\` must be one of ${values.join(", ")}, not ${preview(value)}`);
  };
}

/** The value, or null. */
export function nullable(shape: Shape): Shape {
  return (value, path, report) => {
    if (value !== null) shape(value, path, report);
  };
}

/** The value, or nothing at all. */
export function optional(shape: Shape): Shape {
  return (value, path, report) => {
    if (value !== undefined) shape(value, path, report);
  };
}

/** A list whose items have one shape. */
export function list(shape: Shape): Shape {
  return (value, path, report) => {
    if (!Array.isArray(value)) report(`\`${path}\` must be a list, not ${preview(value)}`);
    else value.forEach((item, at) => shape(item, `${path}[${at}]`, report));
  };
}

/** A list of fixed length. */
export function tuple(...shapes: readonly Shape[]): Shape {
  return (value, path, report) => {
    if (!Array.isArray(value) || value.length !== shapes.length) {
      report(`\`${path}\` must be a list of ${shapes.length}, not ${preview(value)}`);
      return;
    }
    shapes.forEach((shape, at) => shape(value[at], `${path}[${at}]`, report));
  };
}

/** An object with any keys, whose values have one shape. */
export function mapping(shape: Shape): Shape {
  return (value, path, report) => {
    if (!isObject(value)) report(`\`${path}\` must be an object, not ${preview(value)}`);
    else for (const [key, item] of Object.entries(value)) shape(item, `${path}.${key}`, report);
  };
}

/** An object with known fields; others are ignored. */
export function object(fields: Readonly<Record<string, Shape>>): Shape {
  return (value, path, report) => {
    if (!isObject(value)) {
      report(`${path === "" ? "the line" : `\`${path}\``} must be an object`);
      return;
    }
    for (const [field, shape] of Object.entries(fields)) {
      shape(value[field], path === "" ? field : `${path}.${field}`, report);
    }
  };
}

/** The first shape when the value has a field, else the second. */
export function byField(field: string, present: Shape, absent: Shape): Shape {
  return (value, path, report) => {
    const shape = isObject(value) && value[field] !== undefined ? present : absent;
    shape(value, path, report);
  };
}

/** Either a text or a value of another shape. */
export function textOr(shape: Shape): Shape {
  return (value, path, report) => {
    if (typeof value !== "string") shape(value, path, report);
  };
}
