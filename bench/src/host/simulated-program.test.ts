import { describe, expect, test } from "vitest";
import type { HostProgram } from "./host-program.ts";
import { ProgramSimulator } from "./simulated-program.ts";

const simulator = new ProgramSimulator();

function run(steps: string): ReturnType<ProgramSimulator["run"]> {
  const program: HostProgram = { name: "test", what: "a test", unit: "page", nrUnits: 1, steps };
  return simulator.run(program);
}

describe("a simulated program", () => {
  test("spends what its timed steps spend, by their words", () => {
    const { all, byStep, nrSteps, wallNs } = run(
      "map small 1024; write 0 1024 1; start; fork; write 0 1024 4; end; stop",
    );
    expect(byStep.get("fork")?.effort).toMatchObject({ pte_walk: 1024, pte_set: 1024 });
    expect(byStep.get("write")?.effort).toMatchObject({ fault_entry: 256, page_copy: 256 });
    expect(byStep.get("end")?.effort).toMatchObject({ folio_free: 256, pte_walk: 1024 });
    expect(all.effort).toMatchObject({ pte_walk: 2048, fault_entry: 256, folio_free: 256 });
    expect([...nrSteps]).toEqual([
      ["fork", 1],
      ["write", 1],
      ["end", 1],
    ]);
    expect(wallNs).toBeGreaterThan(0);
  });

  test("leaves nothing behind: the next one spends the same", () => {
    const steps =
      "map small 600; write 0 600 1; start; fork; write 0 600 2; child write 0 600 1; stop";
    expect(run(steps).all).toEqual(run(steps).all);
  });

  test("takes a page over in place when the other process has its own copy", () => {
    const { byStep } = run(
      "map small 512; write 0 512 1; fork; start; write 0 512 1; child write 0 512 1; stop; end",
    );
    expect(byStep.get("write")?.effort).toMatchObject({ fault_entry: 1024, page_copy: 512 });
  });

  test("tells huge pages from small ones, and splits them", () => {
    const { byStep } = run(
      "map huge 1024; start; write 0 1024 512; unmap 256 256; drop 512 128; stop",
    );
    expect(byStep.get("write")?.hugeEffort).toMatchObject({ folio_alloc: 2, pte_set: 2 });
    expect(byStep.get("unmap")?.hugeEffort).toMatchObject({ split: 1 });
    expect(byStep.get("drop")?.hugeEffort).toMatchObject({ split: 1 });
  });

  test("counts more than one log holds", () => {
    const { all } = run("map small 4096; start; write 0 4096 1; stop");
    expect(all.effort).toMatchObject({ fault_entry: 4096, page_zero: 4096, pte_set: 4096 });
  });
});
