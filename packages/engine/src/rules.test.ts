import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { RULES } from "./rules.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const code = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && path !== "rules.ts")
  .map((path) => readFileSync(folder + path, "utf8"))
  .join("\n");

describe("rules", () => {
  test("every decision that is noted has a rule", () => {
    const noted = [...code.matchAll(/\.note\(([^,]*),/g)].flatMap(([, first = ""]) =>
      [...first.matchAll(/"([a-z0-9-]+)"/g)].map(([, id = ""]) => id),
    );
    expect(noted.length).toBeGreaterThan(20);
    expect(noted.filter((id) => !Object.hasOwn(RULES, id))).toEqual([]);
  });

  test("every rule is noted somewhere", () => {
    const prefixes = [...code.matchAll(/\.note\(`([a-z-]+)\$\{/g)].map(([, prefix = ""]) => prefix);
    const isNoted = (id: string): boolean =>
      code.includes(`"${id}"`) || prefixes.some((prefix) => id.startsWith(prefix));
    expect(Object.keys(RULES).filter((id) => !isNoted(id))).toEqual([]);
  });

  test("every rule names a file and a function of the kernel", () => {
    const badly = Object.entries(RULES).filter(
      ([, { text, kernel }]) => !/^[\w/.-]+\.[ch]:\w+$/.test(kernel) || !text.endsWith("."),
    );
    expect(badly).toEqual([]);
  });
});
