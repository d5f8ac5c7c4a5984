// Turning what the schema refuses into diagnostics that point at the words.
import { type Diagnostic, hintForName } from "@faultline/diagnostics";
import type { z } from "zod";
import type { DocumentPath, YamlSource } from "./yaml-source.ts";

type Issue = z.core.$ZodIssue;

/** One diagnostic per problem; an unknown key each gets its own. */
export function schemaDiagnostics(yaml: YamlSource, issues: readonly Issue[]): Diagnostic[] {
  return issues.flatMap((issue) => describe(yaml, issue));
}

function describe(yaml: YamlSource, issue: Issue): Diagnostic[] {
  const path = issue.path as DocumentPath;
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) =>
        yaml.diagnostic([...path, key], "E_KEY_UNKNOWN", `unknown key: ${key}`, { ofKey: true }),
      );
    case "invalid_type":
      return [wrongType(yaml, path, issue)];
    case "invalid_value":
      return [unknownValue(yaml, path, issue.values.map(String))];
    case "invalid_union":
      return invalidUnion(yaml, path, issue);
    case "too_small":
    case "too_big":
      return [yaml.diagnostic(path, "E_VALUE_RANGE", lower(issue.message))];
    default:
      return [yaml.diagnostic(path, "E_VALUE_TYPE", lower(issue.message))];
  }
}

function valueAt(yaml: YamlSource, path: DocumentPath): unknown {
  let value: unknown = yaml.value;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

function wrongType(
  yaml: YamlSource,
  path: DocumentPath,
  issue: Extract<Issue, { code: "invalid_type" }>,
): Diagnostic {
  const value = valueAt(yaml, path);
  if (value === undefined && path.length > 0) {
    const key = String(path.at(-1));
    return yaml.diagnostic(path.slice(0, -1), "E_KEY_MISSING", `missing key: ${key}`);
  }
  return yaml.diagnostic(
    path,
    "E_VALUE_TYPE",
    `expected ${issue.expected}, found ${kindOf(value)}`,
  );
}

function unknownValue(yaml: YamlSource, path: DocumentPath, words: readonly string[]): Diagnostic {
  const value = valueAt(yaml, path);
  if (value === undefined && path.length > 0) {
    const key = String(path.at(-1));
    return yaml.diagnostic(path.slice(0, -1), "E_KEY_MISSING", `missing key: ${key}`, {
      hint: `one of: ${words.join(", ")}`,
    });
  }
  return yaml.diagnostic(path, "E_VALUE_UNKNOWN", `unknown value: ${String(value)}`, {
    hint: hintForName("values", String(value), words),
  });
}

function invalidUnion(
  yaml: YamlSource,
  path: DocumentPath,
  issue: Extract<Issue, { code: "invalid_union" }>,
): Diagnostic[] {
  const inner = issue.errors[0];
  if (inner !== undefined && inner.length > 0) {
    return inner.flatMap((nested) =>
      describe(yaml, { ...nested, path: [...path, ...nested.path] } as Issue),
    );
  }
  const options =
    "options" in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
  return [unknownValue(yaml, path, options)];
}

function kindOf(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  return `${typeof value} ${JSON.stringify(value)}`;
}

function lower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
