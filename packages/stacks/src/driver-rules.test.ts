import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { RULES } from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { DECISION_RULES, DRIVER_RULES } from "./driver-rules.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const code = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
  .filter((path) => path !== "driver-rules.ts")
  .map((path) => readFileSync(folder + path, "utf8"))
  .join("\n");

describe("the rules of drivers", () => {
  test("every decision that a driver notes has a rule", () => {
    const noted = [...code.matchAll(/(?:\bnote|\bsay)\(([^;]*?),?\)/g)].flatMap(([, args = ""]) =>
      [...args.matchAll(/"([a-z0-9-]+)"/g)].map(([, id = ""]) => id),
    );
    expect(noted.length).toBeGreaterThan(15);
    expect(noted.filter((id) => !Object.hasOwn(DECISION_RULES, id))).toEqual([]);
  });

  test("every rule is noted somewhere", () => {
    const silent = Object.keys(DRIVER_RULES).filter((id) => !code.includes(`"${id}"`));
    expect(silent).toEqual([]);
  });

  test("no rule of a driver has the name of one of the kernel's", () => {
    expect(Object.keys(DRIVER_RULES).filter((id) => Object.hasOwn(RULES, id))).toEqual([]);
  });

  test("a rule is a sentence, and names a file and a function unless it is a design", () => {
    const badly = Object.entries(DRIVER_RULES).filter(
      ([, { text, kernel }]) =>
        !text.endsWith(".") || (kernel !== null && !/^[\w/.-]+\.[ch]:\w+$/.test(kernel)),
    );
    expect(badly).toEqual([]);
  });
});
