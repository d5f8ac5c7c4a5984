// Which keys the mapping at a place of a scenario may have, for the hint beside an unknown one.
import { z } from "zod";
import { scenarioSchema } from "./scenario-schema.ts";

/** The part of a JSON Schema that leads to keys. */
interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
  readonly const?: unknown;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
}

/**
 * The keys known at `path` of a document.
 * @param document the whole document, whose `do` decides between the kinds of steps.
 * @returns an empty list where no mapping is expected.
 */
export function knownKeys(document: unknown, path: readonly (string | number)[]): string[] {
  const root = z.toJSONSchema(scenarioSchema, { io: "input" }) as SchemaNode;
  let node: SchemaNode | undefined = root.$defs?.[root.$ref?.split("/").at(-1) ?? ""] ?? root;
  let value = document;
  for (const step of path) {
    node = typeof step === "number" ? node?.items : node?.properties?.[step];
    value = (value as Readonly<Record<string | number, unknown>> | null | undefined)?.[step];
    node = chosen(node, value);
  }
  return Object.keys(node?.properties ?? {});
}

/** Of several kinds, the one that the value's `do` names. */
function chosen(node: SchemaNode | undefined, value: unknown): SchemaNode | undefined {
  if (node?.oneOf === undefined) return node;
  const kind = (value as { do?: unknown } | null)?.do;
  return node.oneOf.find(({ properties }) => properties?.do?.const === kind);
}
