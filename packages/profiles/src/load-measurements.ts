// From text to measurements: YAML, the schema, then whether each can be a number of the profile.
// Every problem at once.
import {
  type Diagnostic,
  DiagnosticSink,
  hintForName,
  readYaml,
  schemaDiagnostics,
  type YamlSource,
} from "@faultline/diagnostics";
import { checkWithout } from "./check-without.ts";
import { DEVICE_CONSTANTS } from "./device-constants.ts";
import { bytesOnPath, pathOfRate } from "./fit-rate.ts";
import {
  fittableFields,
  type MeasurementDocument,
  type MeasurementsDocument,
  measurementsSchema,
} from "./measurement-schema.ts";
import { shippedProfile, shippedProfileIds } from "./shipped-profiles.ts";
import { type Dimension, UNITS } from "./units.ts";

/** Measurements when the file is good, and everything there is to say about it. */
export interface LoadedMeasurements {
  readonly document: MeasurementsDocument | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks a document of measurements.
 * @param text the file's text.
 * @param fileName how diagnostics name the file.
 */
export function loadMeasurements(text: string, fileName: string): LoadedMeasurements {
  const { yaml, diagnostics } = readYaml(text, fileName);
  if (yaml === null) return { document: null, diagnostics };
  const parsed = measurementsSchema.safeParse(yaml.value);
  const sink = new DiagnosticSink();
  if (parsed.success) {
    sink.addAll(checkBase(yaml, parsed.data));
    parsed.data.measurements.forEach((one, i) => {
      sink.addAll(checkMeasurement(yaml, parsed.data, one, i));
    });
  } else {
    sink.addAll(schemaDiagnostics(yaml, measurementsSchema, parsed.error.issues));
  }
  const document = parsed.success && !sink.hasErrors ? parsed.data : null;
  return { document, diagnostics: sink.sorted() };
}

function checkBase(yaml: YamlSource, document: MeasurementsDocument): Diagnostic[] {
  const { extends: id, without = [] } = document;
  const base = shippedProfile(id);
  if (base !== null) {
    const known = [...base.fields.keys()];
    return checkWithout(yaml, without, known, (path) => base.fields.has(path));
  }
  const hint = hintForName("profiles", id, shippedProfileIds());
  return [yaml.diagnostic(["extends"], "E_NAME_UNKNOWN", `unknown profile: ${id}`, { hint })];
}

function checkMeasurement(
  yaml: YamlSource,
  document: MeasurementsDocument,
  one: MeasurementDocument,
  i: number,
): Diagnostic[] {
  return [
    ...checkSamples(yaml, one, i),
    ...checkNumber(yaml, document, one, i),
    ...checkShare(yaml, document, one, i),
  ];
}

/** Numbers that share a time: of stages or effort, and measured by nobody on their own. */
function checkShare(
  yaml: YamlSource,
  { measurements }: MeasurementsDocument,
  { field = "", share, operation }: MeasurementDocument,
  i: number,
): Diagnostic[] {
  if (share === undefined) return [];
  const path = ["measurements", i, "share"];
  if (operation === undefined || !isOfOperation(field)) {
    const message = "nothing is shared but an operation's time, by its stages and effort";
    return [yaml.diagnostic(path, "E_PROFILE_FIELD", message, { ofKey: true })];
  }
  const taken = measurements.flatMap((one, at) => [
    ...(one.field === undefined ? [] : [one.field]),
    ...(at === i ? [] : (one.share ?? [])),
  ]);
  return share.flatMap((one, at): Diagnostic[] => {
    const place = [...path, at];
    if (!isOfOperation(one)) {
      const hint = hintForName("numbers that can be shared", one, fittableFields(), 3);
      return [yaml.diagnostic(place, "E_NAME_UNKNOWN", `unknown number: ${one}`, { hint })];
    }
    if (!taken.includes(one) && share.indexOf(one) === at) return [];
    return [yaml.diagnostic(place, "E_NAME_DUPLICATE", `measured twice: ${one}`)];
  });
}

/** Whether a number is a time that operations pay. */
function isOfOperation(field: string): boolean {
  const isTime = !field.startsWith("device.") && pathOfRate(field) === null;
  return isTime && fittableFields().includes(field);
}

/** Each time by itself, or a total of so many. */
function checkSamples(
  yaml: YamlSource,
  { samples, total, count }: MeasurementDocument,
  i: number,
): Diagnostic[] {
  const hasTotal = total !== undefined && count !== undefined;
  const hasPart = total !== undefined || count !== undefined;
  if (samples === undefined ? hasTotal : !hasPart) return [];
  const hint = "`samples: [3.1, 3.4, 3.3]`, or `total: 132, count: 40` where that is all there is";
  const message = samples === undefined ? "neither samples nor a total" : "samples and a total";
  return [yaml.diagnostic(["measurements", i], "E_PROFILE_FIELD", message, { hint })];
}

function checkNumber(
  yaml: YamlSource,
  { measurements }: MeasurementsDocument,
  { field, operation, unit }: MeasurementDocument,
  i: number,
): Diagnostic[] {
  const path = ["measurements", i];
  if (field === undefined) {
    if (operation !== undefined) return [];
    const message = "neither a field to fit nor an operation to check";
    return [yaml.diagnostic(path, "E_PROFILE_FIELD", message)];
  }
  if (!fittableFields().includes(field)) {
    const hint = hintForName("numbers that can be fitted", field, fittableFields(), 3);
    const message = `unknown number: ${field}`;
    return [yaml.diagnostic([...path, "field"], "E_NAME_UNKNOWN", message, { hint })];
  }
  const found: Diagnostic[] = [];
  const first = measurements.findIndex((other) => other.field === field);
  if (first !== i) {
    const related = { path: ["measurements", first, "field"], message: "the first one is here" };
    const message = `measured twice: ${field}`;
    found.push(yaml.diagnostic([...path, "field"], "E_NAME_DUPLICATE", message, { related }));
  }
  const isConstant = field.startsWith("device.");
  if (isConstant && operation !== undefined) {
    const message = "a constant of the device is no part of an operation";
    found.push(
      yaml.diagnostic([...path, "operation"], "E_PROFILE_FIELD", message, { ofKey: true }),
    );
  }
  const copyPath = pathOfRate(field);
  if (copyPath !== null && (operation === undefined || bytesOnPath(operation, copyPath) === 0)) {
    const hint = `write the time, and operation: { copies: [{ path: ${copyPath}, size: 2MiB }] }`;
    const message = `a rate is fitted to the time of a copy ${copyPath.replace("_", " ")}`;
    found.push(yaml.diagnostic([...path, "field"], "E_PROFILE_FIELD", message, { hint }));
  }
  const dimension: Dimension = isConstant
    ? (DEVICE_CONSTANTS[field.slice("device.".length)]?.dimension ?? "plain")
    : "time";
  if (UNITS[unit].dimension !== dimension) {
    const message = `not a unit of ${field}: ${unit}`;
    found.push(yaml.diagnostic([...path, "unit"], "E_VALUE_TYPE", message));
  }
  return found;
}
