import { machineJsonSchema } from "@faultline/platform";
import { profileJsonSchema } from "@faultline/profiles";
import { scenarioJsonSchema } from "@faultline/scenario";
import { describe, expect, test } from "vitest";

interface Node {
  readonly description?: string;
  readonly const?: unknown;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly [keyword: string]: unknown;
}

/** Keys without a word about them, wherever in a schema; `do` and `version` have one value. */
function undescribed(node: unknown, path: string): string[] {
  if (typeof node !== "object" || node === null) return [];
  const { properties = {} } = node as Node;
  const own = Object.entries(properties).flatMap(([key, value]) => {
    const isSaid = value.description !== undefined || value.const !== undefined || "$ref" in value;
    return isSaid ? [] : [`${path}.${key}`];
  });
  const inner = Object.entries(node).flatMap(([key, value]) => {
    return key === "default" || key === "enum" ? [] : undescribed(value, `${path}.${key}`);
  });
  return [...own, ...inner];
}

describe("JSON Schema", () => {
  test.each([
    ["scenario", scenarioJsonSchema()],
    ["machine", machineJsonSchema()],
    ["profile", profileJsonSchema()],
  ])("of a %s describes every key, for the editor's tooltips", (name, schema) => {
    expect(Object.keys(schema)).toContain("$schema");
    expect(undescribed(schema, name)).toEqual([]);
  });

  test("a key without a description is found", () => {
    const bare = { properties: { a: { type: "string" }, b: { description: "b" } } };
    expect(undescribed({ items: { anyOf: [bare] } }, "x")).toEqual(["x.items.anyOf.0.a"]);
  });
});
