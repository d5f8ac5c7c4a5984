// For tests with broken files: whatever a person writes, the answer is a plan, a profile or a
// machine that can be used, or diagnostics that point into the text; never an exception or a stack.
import { readdirSync, readFileSync } from "node:fs";
import type { Diagnostic } from "@faultline/diagnostics";
import { bootMachine } from "@faultline/engine";
import { buildMachine, loadMachine, printMachine } from "@faultline/platform";
import {
  loadProfile,
  modelFields,
  type Profile,
  priceTable,
  sampleProfile,
  shippedProfileIds,
  shippedProfileYaml,
} from "@faultline/profiles";
import { createMachineWorld, loadScenario, machineMemoryProblems } from "@faultline/scenario";
import { World } from "@faultline/core";
import fc from "fast-check";
import { expect } from "vitest";
import { runScenario } from "../library/run-scenario.ts";
import { main } from "../main.ts";
import { CapturedIo } from "./captured-io.ts";
import { JUNK, mutantsOf, words } from "./text-edits.ts";

/** How the tests call their files. */
const FILE = "mutant.yaml";
const scenarios = new URL("../../../../scenarios/", import.meta.url);

/** Random edits of the quick start. */
const scenarioMutants: fc.Arbitrary<string> = mutantsOf(
  [readFileSync(new URL("quickstart.yaml", scenarios), "utf8")],
  {
    values: [
      ...JUNK,
      ...[
        "31 512 8191 65536 4194304 4194305 4294967295 99999999TiB 1TiB 4KiB none zero app gpu0",
        "gpu1 heap heap+1 heap+99999999999999999999 child munmap mremap fork exit pin close_device",
        "check khugepaged mmap arm64-64k power9-64k 7.2.12 MADV_DONTNEED xe uvm host-cpu",
        "intel-xe-svm-thp",
      ].flatMap(words),
    ],
    keys: [
      "do at pages name process device value expect as of to node cpu prot share state profile",
    ].flatMap(words),
  },
);

/** Random edits of the profiles of the package. */
const profileMutants: fc.Arbitrary<string> = mutantsOf(
  shippedProfileIds().flatMap((id) => shippedProfileYaml(id) ?? []),
  {
    values: [
      ...JUNK,
      ...[
        "0.001 1e-300 1e300 9007199254740992 100 ps ns us ms s B/s MB/s GB/s GiB/s KiB MiB GiB % 1",
        "measured published fitted assumed quoted recalled inferred estimate per_fault per_page xe",
        "uvm odp ats ideal nouveau host-cpu nv-v100-pcie3-uvm amd-mi250x-xnack-svm to_device log",
        "uniform triangular page_copy tlb_flush costs.copy.per_page effort.page_zero",
      ].flatMap(words),
    ],
    keys: [
      "value low high unit kind figure source confidence reason balance draw divide bytes extends",
      "stack covers per_fault per_batch per_range per_folio per_page per_flush latency bandwidth",
      "points size time costs effort device policy observed without copy map fetch replay id",
    ].flatMap(words),
  },
);

/** Random edits of the machines of the collection. */
const machineMutants: fc.Arbitrary<string> = mutantsOf(
  readdirSync(new URL("machines/", scenarios))
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .map((name) => readFileSync(new URL(`machines/${name}`, scenarios), "utf8")),
  {
    values: [
      ...JUNK,
      ...[
        "0000:00 00:00.0 ff:1f.7 01:00.0 1022:14ab 8086:09a2 ffff:ffff endpoint root-port 0x0 0xff",
        "switch-upstream switch-downstream conventional gpu nic host0 gpu0 4KiB 64KiB 32MiB 128GiB",
        "0x380000000000 0xffffffffffffffff xgmi nvlink pcie identity translate xe uvm ats true",
      ].flatMap(words),
    ],
    keys: [
      "name at kind id above bars index address size initiators memory window function bar node",
      "nodes cpus links between lanes rate latency acs hive stack page_size iommu vendor family",
    ].flatMap(words),
  },
);

/** What every loader owes: nothing exactly where there is an error, and places in the text. */
function expectDiagnostics(
  text: string,
  isGood: boolean,
  diagnostics: readonly Diagnostic[],
): void {
  expect(isGood).toBe(diagnostics.every(({ severity }) => severity !== "error"));
  const nrLines = text.split(/\r\n|\r|\n/).length;
  for (const { start, end, line, column } of diagnostics) {
    expect([start >= 0, end >= start, end <= text.length]).toEqual([true, true, true]);
    expect(line).toBeGreaterThan(0);
    expect(line).toBeLessThanOrEqual(nrLines);
    expect(column).toBeGreaterThan(0);
  }
}

/** Counts the broken ones: edits that break nothing would prove nothing. */
export interface FuzzTally {
  nrBroken: number;
  nrGood: number;
}

function count(tally: FuzzTally, isGood: boolean): void {
  if (isGood) tally.nrGood++;
  else tally.nrBroken++;
}

/** A scenario gives a plan or diagnostics. */
export function scenarioProperty(tally: FuzzTally): fc.IProperty<[string]> {
  return fc.property(scenarioMutants, (text) => {
    const { plan, diagnostics } = loadScenario(text, FILE);
    expectDiagnostics(text, plan !== null, diagnostics);
    count(tally, plan !== null);
  });
}

const smallScenario = `version: 1
title: what a profile is tried on
machine: { devices: [{ name: gpu0 }] }
steps:
  - { do: mmap, name: heap, pages: 8 }
  - { do: write, at: heap }
  - { do: device_read, device: gpu0, at: heap }
  - { do: fork, as: child }
  - { do: device_write, device: gpu0, at: heap, pages: 2 }
`;

/** A profile gives diagnostics, or prices that are prices and a run at them. */
export function profileProperty(tally: FuzzTally): fc.IProperty<[string]> {
  return fc.property(profileMutants, (text) => {
    const { profile, document, diagnostics } = loadProfile(text, FILE);
    expectDiagnostics(text, profile !== null, diagnostics);
    expect(document === null).toBe(profile === null);
    count(tally, profile !== null);
    if (profile !== null) expectGoodProfile(profile);
  });
}

function expectGoodProfile(profile: Profile): void {
  for (const pageBytes of [4096, 65536]) {
    const { stagePs, effortPs } = priceTable(profile, pageBytes);
    for (const ps of [...stagePs, ...effortPs]) expect(ps).toBeGreaterThanOrEqual(0);
  }
  const ends = [0, 1 - 2 ** -32].map((end) => sampleProfile(profile, () => end));
  for (const one of [profile, ...ends]) {
    expect(modelFields(one)).toHaveLength(modelFields(profile).length);
    const { result } = runScenario(smallScenario, { profile: one });
    expect(result.isPartial).toBe(false);
  }
}

/** A machine gives diagnostics, or a document that boots and stays what it is when printed. */
export function machineProperty(tally: FuzzTally): fc.IProperty<[string]> {
  return fc.property(machineMutants, (text) => {
    const { document, diagnostics } = loadMachine(text, FILE);
    expectDiagnostics(text, document !== null, diagnostics);
    count(tally, document !== null);
    if (document === null) return;
    const booted = bootMachine(buildMachine(document));
    expect(booted.devices.map(({ name }) => name)).toEqual(
      document.devices.map(({ name }) => name),
    );
    const again = loadMachine(printMachine(document), "again.yaml");
    expect(again.document).toEqual(document);
    if (machineMemoryProblems(FILE, document).length > 0) return;
    expect(createMachineWorld(document).world).toBeInstanceOf(World);
  });
}

/** Runs the command line on one text. */
async function faultline(argv: readonly string[], text: string) {
  const io = new CapturedIo({ [FILE]: text });
  const code = await main([...argv, FILE], io);
  return { code, all: io.out + io.err };
}

/** Pages that all mappings of a text ask for; large ones are checked but not run. */
function isSmall(text: string): boolean {
  const { plan } = loadScenario(text, FILE);
  return plan !== null && plan.steps.every(({ nrPages }) => nrPages <= 4096);
}

function expectNoStack(all: string): void {
  expect(all).not.toMatch(/internal error|^\s+at .*:\d+:\d+\)?$/m);
}

/** The command line answers 0, 1 or 2, never 3, and never shows a stack. */
export function scenarioCommandProperty(): fc.IAsyncProperty<[string]> {
  return fc.asyncProperty(scenarioMutants, async (text) => {
    const checked = await faultline(["check"], text);
    expect([0, 2]).toContain(checked.code);
    expectNoStack(checked.all);
    if (checked.code === 2) expect((await faultline(["run"], text)).code).toBe(2);
    else if (isSmall(text)) {
      const ran = await faultline(["run"], text);
      expect([0, 1], ran.all).toContain(ran.code);
    }
  });
}

/** The command that shows a profile shows it, or says what is wrong with it. */
export function profileCommandProperty(): fc.IAsyncProperty<[string]> {
  return fc.asyncProperty(profileMutants, async (text) => {
    const { profile } = loadProfile(text, FILE);
    const shown = await faultline(["profiles"], text);
    expect(shown.code).toBe(profile === null ? 2 : 0);
    expectNoStack(shown.all);
  });
}

/** The command that boots a machine shows who reaches whom, or says what is wrong. */
export function machineCommandProperty(): fc.IAsyncProperty<[string]> {
  return fc.asyncProperty(machineMutants, async (text) => {
    const { document } = loadMachine(text, FILE);
    const shown = await faultline(["topology"], text);
    expect(shown.code, shown.all).toBe(document === null ? 2 : 0);
    expectNoStack(shown.all);
  });
}
