// Which keys the mapping at a place of a document may have, for the hint beside an unknown one.
import { z } from "zod";

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
 * @param schema the schema of the whole document.
 * @param document the whole document: where there are several kinds of a mapping, its fixed values
 * decide between them.
 * @returns an empty list where no mapping is expected.
 */
export function knownKeys(
  schema: z.ZodType,
  document: unknown,
  path: readonly (string | number)[],
): string[] {
  const root = z.toJSONSchema(schema, { io: "input" }) as SchemaNode;
  let node: SchemaNode | undefined = root.$defs?.[root.$ref?.split("/").at(-1) ?? ""] ?? root;
  let value = document;
  for (const step of path) {
    node = typeof step === "number" ? node?.items : node?.properties?.[step];
    value = (value as Readonly<Record<string | number, unknown>> | null | undefined)?.[step];
    node = chosen(node, value);
  }
  return Object.keys(node?.properties ?? {});
}

/** Of several kinds, the one whose fixed values the value has. */
function chosen(node: SchemaNode | undefined, value: unknown): SchemaNode | undefined {
  if (node?.oneOf === undefined) return node;
  const given = (value ?? {}) as Readonly<Record<string, unknown>>;
  return node.oneOf.find(({ properties = {} }) =>
    Object.entries(properties).every(
      ([key, { const: fixed }]) => fixed === undefined || given[key] === fixed,
    ),
  );
}
