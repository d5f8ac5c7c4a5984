import { describe, expect, test } from "vitest";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { platformBar } from "./platform-bar.ts";

function bar(...argv: string[]): Promise<Ran> {
  return runCommand(platformBar.add, ["bar", ...argv]);
}

describe("faultline platform bar", () => {
  test("shows both regions of a Grace Hopper", async () => {
    const { code, out } = await bar("--part", "gh200-96");
    expect(code).toBe(0);
    expect(out).toMatch(/^region +2, BAR2\/3 +4, BAR4\/5$/m);
    expect(out).toMatch(/^memory +1 GiB at 0x4017c0000000 +95 GiB at 0x400000000000$/m);
    expect(out).toMatch(/^BAR size +1 GiB +128 GiB$/m);
    expect(out).toMatch(/^BAR sized with ones +0xffffffffc000000c +0xffffffe00000000c$/m);
    expect(out).toMatch(/^beyond the memory +nothing +33 GiB: reads all ones, drops writes$/m);
    expect(out).toMatch(/^cacheability +not cached +cached$/m);
  });

  test("its help can be printed, with the default address in hexadecimal", async () => {
    const { code, out } = await bar("--help");
    expect(code).toBe(0);
    expect(out).toContain("0x400000000000");
  });

  test("as JSON, with accesses to config space and memory", async () => {
    const lines = ["wcfg 0x20 ffffffffffffffff", "rcfg 0x20 8", "rmem 4 0x17bffffffc 8"];
    const { out } = await bar("--part", "gh200-96", "--json", "--access", ...lines);
    expect(JSON.parse(out)).toMatchObject({
      ret: 0,
      usemem: { length: "0x17c0000000", bar_size: "0x2000000000" },
      memoryBlocks: 190,
      regions: [{ index: 2 }, { index: 4, fileOffset: "0x40000000000" }],
      access: [
        { line: lines[0], answer: { ret: 8, to_core: false } },
        { answer: { bytes: "0c000000e0ffffff" } },
        { answer: { device_bytes: 4, ff_bytes: 4 } },
      ],
    });
  });

  test("a Blackwell part has one region", async () => {
    const { out } = await bar("--memory", "186GiB", "--generation", "blackwell", "--json");
    expect(JSON.parse(out)).toMatchObject({ regions: [{ index: 4 }], resmem: { length: "0x0" } });
  });

  test("6.9 made another BAR of memory that is not whole blocks", async () => {
    const size = async (rule: string): Promise<unknown> => {
      const { out } = await bar("--memory", "66660MiB", "--rule", rule, "--json");
      return (JSON.parse(out) as { usemem: { bar_size: string } }).usemem.bar_size;
    };
    expect([await size("7.2"), await size("6.9")]).toEqual(["0x2000000000", "0x1000000000"]);
  });

  test("memory that the driver refuses is an expectation that fails", async () => {
    const { code, out } = await bar("--memory", "1.25GiB");
    expect([code, out.split("\n")[1]]).toEqual([
      1,
      "probe fails: EINVAL (-22): after 1 GiB for MIG, less than one block of 512 MiB is left",
    ]);
  });

  test.each([
    [["--access", "rcfg 1"], "expected: rcfg OFFSET COUNT"],
    [[], "no memory: --part or --memory"],
  ])("%j is bad input", async (argv, message) => {
    const memory = argv.length === 0 ? [] : ["--part", "gb200"];
    const { code, err } = await bar(...memory, ...argv);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  test.each(["96", "-1GiB", "12PiB", "0.3B", "0x"])("%s is no size or an odd one", async (size) => {
    const { code } = await bar("--memory", size);
    expect(code).toBe(size === "96" ? 1 : 2);
  });
});
