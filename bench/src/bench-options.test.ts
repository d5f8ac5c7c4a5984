import { describe, expect, test } from "vitest";
import { readBenchOptions, readScaleOptions } from "./bench-options.ts";
import { SCALE_AXES } from "./scale/scale-axes.ts";
import { SUITE } from "./suite.ts";

function chosenNames(...args: string[]): string[] {
  const options = readBenchOptions(args);
  return options.kind === "all" ? options.chosen.map(({ name }) => name) : [options.kind];
}

describe("npm run bench", () => {
  test("without arguments runs everything, with the host beside it, as a table", () => {
    const options = readBenchOptions([]);
    expect(options).toEqual({ kind: "all", chosen: SUITE, json: false, withHost: true });
  });

  test("a filter keeps what contains it, and the calibration loop", () => {
    expect(chosenNames("--filter", "cow/")).toEqual(["calibration/loop", "cow/copy", "cow/reuse"]);
    expect(chosenNames("--filter", "calibration")).toEqual(["calibration/loop"]);
  });

  test("a filter that keeps nothing is a mistake that names what there is", () => {
    const options = readBenchOptions(["--filter", "cows"]);
    expect(options).toMatchObject({ kind: "problem" });
    expect(JSON.stringify(options)).toContain("cow/reuse");
  });

  test("one benchmark is found by its whole name", () => {
    expect(readBenchOptions(["--only", "cow/copy"])).toMatchObject({
      kind: "one",
      entry: { name: "cow/copy" },
    });
    expect(readBenchOptions(["--only", "cow"])).toMatchObject({ kind: "problem" });
  });

  test.each([["--jsno"], ["--filter"], ["extra"]])("%s is a mistake", (...args) => {
    expect(readBenchOptions(args)).toMatchObject({ kind: "problem" });
  });
});

describe("npm run bench:scale", () => {
  test("is a study of every line unless told otherwise", () => {
    const all = { kind: "study", chosen: SCALE_AXES, full: false, json: false };
    expect(readScaleOptions([])).toEqual(all);
    expect(readScaleOptions(["--full", "--json"])).toEqual({ ...all, full: true, json: true });
    const chosen = readScaleOptions(["--filter", "gpus/"]);
    expect(chosen).toMatchObject({ chosen: [{ name: "gpus/own-pages" }, {}, {}, {}] });
    expect(readScaleOptions(["--only", "pages/fork"])).toMatchObject({ kind: "one" });
    expect(readScaleOptions(["--only", "pages"])).toMatchObject({ kind: "problem" });
    expect(readScaleOptions(["--filter", "disks"])).toMatchObject({ kind: "problem" });
  });

  test("populates so many GiB", () => {
    const options = readScaleOptions(["--gib", "8", "--json"]);
    expect(options).toEqual({ kind: "populate", nrGib: 8, json: true });
    expect(readScaleOptions(["--gib", "8", "--full"])).toMatchObject({ kind: "problem" });
  });

  test.each(["0", "-1", "1.5", "many", "99999"])("%s GiB is a mistake", (gib) => {
    expect(readScaleOptions([`--gib=${gib}`])).toMatchObject({ kind: "problem" });
  });

  test("asks for nothing but help with --help", () => {
    expect(readScaleOptions(["--help"])).toEqual({ kind: "help" });
    expect(readBenchOptions(["-h"])).toEqual({ kind: "help" });
  });
});
