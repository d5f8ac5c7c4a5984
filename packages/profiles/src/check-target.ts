// What a target claims, checked: its number, where that comes from, and what is compared with it.
// Which role it can have is checked when its profiles are known.
import {
  type Diagnostic,
  type DocumentPath,
  hintForName,
  type YamlSource,
} from "@faultline/diagnostics";
import { figureNumber, figureReferences, shippedFigures } from "./figures.ts";
import { checkMeasures } from "./check-measures.ts";
import { isSameDimension, quantityOf } from "./quantity.ts";
import type { TargetDocument } from "./target-schema.ts";
import type { Unit } from "./units.ts";

type Published = TargetDocument["published"];

/** Problems of one target that do not depend on its profiles. */
export function checkTarget(yaml: YamlSource, target: TargetDocument, i: number): Diagnostic[] {
  const path = ["targets", i];
  return [
    ...checkPublished(yaml, target, [...path, "published"]),
    ...checkMeasures(yaml, target, path),
  ];
}

function checkPublished(
  yaml: YamlSource,
  target: TargetDocument,
  path: DocumentPath,
): Diagnostic[] {
  const { published, order } = target;
  const unknown = published.from.flatMap((id, at) => {
    if (shippedFigures().has(id.split("/")[0] ?? "")) return [];
    return [unknownFigure(yaml, [...path, "from", at], id)];
  });
  if (order !== undefined) return [...unknown, ...checkValues(yaml, target, path)];
  if (published.values !== undefined) {
    const message = "values are for a target with an order";
    unknown.push(yaml.diagnostic([...path, "values"], "E_PROFILE_FIELD", message, { ofKey: true }));
  }
  if (published.figure === undefined) {
    return [...unknown, ...missing(yaml, published, path, ["value", "unit", "source"])];
  }
  const refused = (["value", "unit", "source"] as const)
    .filter((key) => published[key] !== undefined)
    .map((key) => {
      const message = `${key} does not belong here: the number is its figure's`;
      return yaml.diagnostic([...path, key], "E_PROFILE_FIELD", message, { ofKey: true });
    });
  const found = figureNumber(published.figure);
  if (found !== null && typeof found.value === "number") return [...unknown, ...refused];
  return [...unknown, ...refused, unknownFigure(yaml, [...path, "figure"], published.figure)];
}

function missing(
  yaml: YamlSource,
  published: Published,
  path: DocumentPath,
  keys: readonly (keyof Published)[],
): Diagnostic[] {
  const lacking = keys.filter((key) => published[key] === undefined);
  if (lacking.length === 0) return [];
  const message = `missing for a number without a figure: ${lacking.join(", ")}`;
  return [yaml.diagnostic(path, "E_PROFILE_FIELD", message, { ofKey: true })];
}

function unknownFigure(yaml: YamlSource, path: DocumentPath, id: string): Diagnostic {
  const hint = hintForName("figures", id, figureReferences(), 3);
  const known = figureNumber(id) !== null;
  const message = known ? `no number: ${id}` : `unknown figure: ${id}`;
  return yaml.diagnostic(path, "E_NAME_UNKNOWN", message, { hint });
}

/** Every number of an order is published and computed. */
function checkValues(
  yaml: YamlSource,
  { published, order = {} }: TargetDocument,
  path: DocumentPath,
): Diagnostic[] {
  const values = published.values ?? {};
  const entries = Object.entries(values);
  const own = entries.filter(([, value]) => typeof value === "number");
  const needed = own.length === 0 ? ["unit"] : ["unit", "source"];
  const found = missing(yaml, published, path, needed as (keyof Published)[]);
  for (const [name, value] of entries) {
    const at = [...path, "values", name];
    if (order[name] === undefined) {
      const hint = hintForName("entries of order", name, Object.keys(order));
      const message = `no measure for this value: ${name}`;
      found.push(yaml.diagnostic(at, "E_TARGET_MEASURE", message, { hint, ofKey: true }));
    }
    if (typeof value === "string") found.push(...checkValueFigure(yaml, at, value, published.unit));
  }
  for (const name of Object.keys(order)) {
    if (Object.hasOwn(values, name)) continue;
    const message = `no published value for this measure: ${name}`;
    const at = [...path.slice(0, -1), "order", name];
    const hint = hintForName("published.values", name, Object.keys(values));
    found.push(yaml.diagnostic(at, "E_TARGET_MEASURE", message, { hint, ofKey: true }));
  }
  if (Object.keys(order).length < 2) {
    const message = "an order is of at least two";
    const at = [...path.slice(0, -1), "order"];
    found.push(yaml.diagnostic(at, "E_TARGET_MEASURE", message, { ofKey: true }));
  }
  return found;
}

function checkValueFigure(
  yaml: YamlSource,
  path: DocumentPath,
  id: string,
  unit: Unit | undefined,
): Diagnostic[] {
  const number = figureNumber(id);
  if (number === null || typeof number.value !== "number") return [unknownFigure(yaml, path, id)];
  const wanted = quantityOf(unit ?? number.unit).powers;
  if (isSameDimension(quantityOf(number.unit).powers, wanted)) return [];
  const message = `${id} is in ${number.unit}, which is no ${unit}`;
  return [yaml.diagnostic(path, "E_TARGET_MEASURE", message)];
}
