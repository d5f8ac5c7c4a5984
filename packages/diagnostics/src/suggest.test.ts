import { describe, expect, test } from "vitest";
import { didYouMean, hintForName } from "./suggest.ts";

describe("didYouMean", () => {
  test("finds a name with one letter wrong, missing or doubled", () => {
    const names = ["first_touch", "migrate", "fork"];
    expect(didYouMean("frok", ["fork"])).toBeUndefined();
    expect(didYouMean("forl", names)).toBe("fork");
    expect(didYouMean("migrat", names)).toBe("migrate");
    expect(didYouMean("migrrate", names)).toBe("migrate");
  });

  test("letter case and separators do not count", () => {
    expect(didYouMean("FirstTouch", ["first_touch"])).toBe("first_touch");
  });

  test("offers nothing for a name that is far from all, and nothing for nothing", () => {
    expect(didYouMean("banana", ["fork", "migrate"])).toBeUndefined();
    expect(didYouMean("", ["a"])).toBeUndefined();
    expect(didYouMean("fork", [])).toBeUndefined();
  });

  test("takes the first of equally near names", () => {
    expect(didYouMean("gpu9", ["gpu0", "gpu1"])).toBe("gpu0");
  });
});

describe("hintForName", () => {
  test("lists the names and the likely one", () => {
    expect(hintForName("declared owner spaces", "hiveb", ["hive0", "hive_b"])).toBe(
      "declared owner spaces are hive0, hive_b; did you mean hive_b?",
    );
  });

  test("says so when there are none, and shortens a long list", () => {
    expect(hintForName("declared devices", "x", [])).toBe("there are no declared devices");
    expect(hintForName("devices", "zzz", ["a", "b", "c"], 2)).toBe("devices are a, b and 1 more");
  });
});
