// The profiles a browser gets are those that people edit, and the prices of the kernel's effort
// give back the measurements that they were fitted to when the kernel model does the work.
import { readdirSync, readFileSync } from "node:fs";
import { World } from "@faultline/core";
import { readYaml } from "@faultline/diagnostics";
import {
  cpuAccess,
  PROT_READ,
  PROT_WRITE,
  runToCompletion,
  sysFork,
  sysMmap,
  sysMovePages,
} from "@faultline/engine";
import {
  addEffort,
  figureNumber,
  loadProfile,
  loadTargets,
  noTime,
  priceTable,
  shippedFigures,
  shippedProfile,
  shippedProfileIds,
  shippedProfileYaml,
  shippedTargets,
  toEngine,
} from "@faultline/profiles";
import { describe, expect, test } from "vitest";
import { rootPath } from "./support/source-files.ts";

const data = `${rootPath}packages/profiles/data/`;

function read(path: string): string {
  return readFileSync(data + path, "utf8");
}

function valueOf(text: string): unknown {
  return readYaml(text, "data").yaml?.value;
}

describe("the YAML of the profiles", () => {
  test("is what a browser gets: run `npm run docs` after a change", () => {
    const names = readdirSync(`${data}profiles`).sort();
    expect(names.map((name) => name.replace(".yaml", ""))).toEqual(shippedProfileIds());
    for (const name of names) {
      const shipped = shippedProfileYaml(name.replace(".yaml", "")) ?? "";
      expect(valueOf(shipped), name).toEqual(valueOf(read(`profiles/${name}`)));
    }
  });

  test("has no problems", () => {
    for (const name of readdirSync(`${data}profiles`)) {
      expect(loadProfile(read(`profiles/${name}`), name).diagnostics).toEqual([]);
    }
  });

  test("of the figures is what a browser gets", () => {
    const ids = readdirSync(`${data}figures`).flatMap((name) => {
      const { figures } = valueOf(read(`figures/${name}`)) as {
        figures: { id: string; value?: unknown }[];
      };
      for (const { id, value } of figures)
        expect(shippedFigures().get(id)?.value, id).toEqual(value);
      return figures.map(({ id }) => id);
    });
    expect(ids.toSorted()).toEqual([...shippedFigures().keys()].toSorted());
  });

  test("of the targets is what a browser gets, without problems", () => {
    const { targets, diagnostics } = loadTargets(read("targets.yaml"), "targets.yaml");
    expect(diagnostics).toEqual([]);
    expect(targets).toEqual(shippedTargets());
  });
});

const START = 0x100000;

/** A process with one mapping of `nrPages`, on two nodes. */
function machine(nrPages: number, thpEnabled: "always" | "never") {
  const nodes = [
    { nrPages: 1 << 17, cpus: [0] },
    { nrPages: 1 << 17, cpus: [1] },
  ];
  const world = new World({ nodes, settings: { thpEnabled } });
  const task = world.createTask(0);
  const prot = PROT_READ | PROT_WRITE;
  runToCompletion(sysMmap(world, task, { start: START, nrPages, prot, shared: false }));
  cpuAccess(world, task, START, true); // Tables and anon_vma are there before anything is priced.
  world.effort.clear();
  return { world, task };
}

/** The effort of `work` in picoseconds, by the profile of the CPU. */
function pricePs(world: World, work: () => void): number {
  const profile = shippedProfile("host-cpu");
  if (profile === null) throw new Error("no profile");
  const table = priceTable(profile);
  world.effort.clear();
  work();
  const time = noTime();
  for (const item of world.effort.items()) addEffort(table, time, item);
  expect(world.effort.truncated).toBe(false);
  return time.totalPs;
}

function published(reference: string): number {
  const number = figureNumber(reference);
  if (number === null) throw new Error(`no figure ${reference}`);
  return toEngine(Number(number.value), number.unit);
}

function expectWithin(ps: number, reference: string, percent: number): void {
  const expected = published(reference);
  expect(Math.abs(ps - expected) / expected, `${ps} ps, ${reference}`).toBeLessThan(percent / 100);
}

describe("the kernel model, priced with host-cpu,", () => {
  test("takes as long as a write to untouched memory", () => {
    const { world, task } = machine(16, "never");
    const ps = pricePs(world, () => cpuAccess(world, task, START + 1, true));
    expectWithin(ps, "cpu.fault.anon.w", 1);
  });

  test("takes as long as a read of untouched memory", () => {
    const { world, task } = machine(16, "never");
    const ps = pricePs(world, () => cpuAccess(world, task, START + 1, false));
    expectWithin(ps, "cpu.fault.anon.r", 1);
  });

  test("takes as long as a huge page fault", () => {
    const { world, task } = machine(1024, "always");
    const ps = pricePs(world, () => cpuAccess(world, task, START + 512, true));
    expectWithin(ps, "cpu.thp.milan/per_2mib", 1);
  });

  test("takes as long as a fork, for each page", () => {
    const nrPages = 16384;
    const { world, task } = machine(nrPages, "never");
    for (let i = 0; i < nrPages; i += 1) cpuAccess(world, task, START + i, true);
    const ps = pricePs(world, () => runToCompletion(sysFork(world, task)));
    expectWithin((ps / nrPages) * 262144, "cpu.fork.4210r", 1);
  });

  test("takes as long as a migration of small folios, for each", () => {
    const { world, task } = machine(128, "never");
    const pages = Array.from({ length: 100 }, (_, i) => START + i);
    for (const page of pages) cpuAccess(world, task, page, true);
    const status = new Int32Array(pages.length);
    const request = { pages, nodes: pages.map(() => 1), status };
    const ps = pricePs(world, () => runToCompletion(sysMovePages(world, task, request)));
    expect([...status]).toEqual(pages.map(() => 1));
    expectWithin(ps / pages.length, "cpu.mig.4k/per_page", 1);
  });

  test("takes as long as a migration of a huge folio", () => {
    const { world, task } = machine(1024, "always");
    const status = new Int32Array(1);
    const request = { pages: [START], nodes: [1], status };
    const ps = pricePs(world, () => runToCompletion(sysMovePages(world, task, request)));
    expectWithin(ps, "cpu.mig.2m/per_2mib", 1);
  });
});
