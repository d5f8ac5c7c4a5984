// docs/machines.md explains the machine language field by field, in the words of its schema.
import { machineJsonSchema } from "@faultline/platform";
import { describe, expect, test } from "vitest";
import { allFiles } from "./support/source-files.ts";

interface Schema {
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly description?: string;
}

/** Every mapping of the language by the path of its keys; the document itself has none. */
function mappings(schema: Schema, path: string): [path: string, schema: Schema][] {
  const item = schema.items ?? schema;
  if (item.properties === undefined) return [];
  const inner = Object.entries(item.properties).flatMap(([key, value]) =>
    mappings(value, path === "" ? key : `${path}.${key}`),
  );
  return [[path, item], ...inner];
}

const page = allFiles.find(({ path }) => path === "docs/machines.md")?.text ?? "";
const document = Object.values((machineJsonSchema() as Schema).$defs ?? {})[0] ?? {};

describe("docs/machines.md", () => {
  test.each(mappings(document, ""))(
    "explains every key of %s",
    (path, { properties, required }) => {
      const heading = path === "" ? "The document" : path;
      const section = page.split(`\n### ${heading}\n`)[1]?.split("\n### ")[0] ?? "";
      for (const [key, { description = "" }] of Object.entries(properties ?? {})) {
        const star = required?.includes(key) === true ? " *" : "";
        const row = section.split("\n").find((line) => line.startsWith(`| \`${key}\`${star} |`));
        expect(row, `${heading} has no row for ${key}`).toBeDefined();
        expect(row).toContain(description);
      }
    },
  );
});
