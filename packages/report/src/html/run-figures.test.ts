import { describe, expect, test } from "vitest";
import { smallReport } from "../test-kit/small-report.ts";
import { reportPage } from "./report-page.ts";
import type { ReportRun } from "./report-run.ts";
import { type RunFigure, runFigures } from "./run-figures.ts";

async function figure(runs: readonly ReportRun[], name: string): Promise<string> {
  const figures = await runFigures(runs);
  const found = figures.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found.svg;
}

const UNCERTAIN = {
  nrSamples: 9,
  kinds: [
    {
      device: "gpu0",
      access: "write" as const,
      p50Ps: { low: 20e6, high: 40e6 },
      p90Ps: { low: 30e6, high: 50e6 },
      p99Ps: { low: 31e6, high: 51e6 },
      maxPs: { low: 31e6, high: 51e6 },
    },
  ],
};

describe("figures of a run", () => {
  test("are all that there is to see, each a document of its own and the same again", async () => {
    const figures = await runFigures([smallReport()]);
    expect(figures.map(({ name }) => name)).toEqual([
      "latency",
      "stages-gpu0-write",
      "stages-cpu-read",
      "placement-some-profile",
      "links-some-profile",
    ]);
    expect(await runFigures([smallReport()])).toEqual(figures);
    for (const { svg } of figures) {
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" /);
      expect(svg).toContain("prefers-color-scheme:dark");
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      expect(svg.match(/https?:/g)).toHaveLength(1);
    }
  });

  test("latency has a stair for each kind, with its number of faults", async () => {
    const svg = await figure([smallReport()], "latency");
    expect(svg).toContain("gpu0 write (n = 4)");
    expect(svg).toContain("fault latency in us, logarithmic");
    // Four faults are four steps up: from 0 to 100 % in quarters of 220 pixels.
    expect(svg).toMatch(/d="M[\d.]+ 252H[\d.]+V197H[\d.]+V142H[\d.]+V87H[\d.]+V32H[\d.]+"/);
  });

  test("latency says how sure it is where that was asked", async () => {
    const svg = await figure([{ ...smallReport(), uncertainty: UNCERTAIN }], "latency");
    expect(svg).toContain("90 % of 9 samples");
    expect(svg).toContain("<title>p50: 20 us to 40 us</title>");
    expect(await figure([smallReport()], "latency")).not.toContain("samples");
  });

  test("of several runs have one chart a kind, with a curve for each profile", async () => {
    const svg = await figure([smallReport("a"), smallReport("b", 2)], "latency-gpu0-write");
    for (const label of ["a (n = 4)", "b (n = 4)"]) expect(svg).toContain(label);
    expect(svg).toContain("fault latency in us<");
  });

  test("the waterfall's bars follow each other and end at the mean latency", async () => {
    const svg = await figure([smallReport()], "stages-gpu0-write");
    const rect = /<rect class="[^"]*series-0" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g;
    const bars = [...svg.matchAll(rect)];
    const spans = bars.map(([, x, width]) => [Number(x), Number(x) + Number(width)] as const);
    const all = spans.at(-1);
    expect(spans.length).toBe(5);
    for (const [n, [from]] of spans.slice(1, -1).entries()) {
      expect(Math.abs(from - (spans[n]?.[1] ?? 0))).toBeLessThan(1);
    }
    expect(Math.abs((spans.at(-2)?.[1] ?? 0) - (all?.[1] ?? 0))).toBeLessThan(1);
    expect(svg).toContain("25 us, 86.2 %");
    expect(svg).toContain("wait: lock");
  });

  test("placement and links have places, ways, bytes and the scenario's steps", async () => {
    const placement = await figure([smallReport()], "placement-some-profile");
    expect(placement).toContain("most 256 KiB");
    expect(placement).toContain("1  app: touch &lt;heap&gt;");
    const links = await figure([smallReport()], "links-some-profile");
    expect(links).toContain("node 0 → gpu0");
    // 100 us of copies in 501 us.
    expect(links).toContain("busy 20.0 % of the time");
    expect(links).toContain("256 KiB, 2.62 GB/s then");
  });
});

describe("a report's page", () => {
  async function page(...runs: ReportRun[]): Promise<string> {
    const figures: RunFigure[] = await runFigures(runs);
    return reportPage([{ runs, figures }], "Faultline test");
  }

  test("is one document that loads nothing and runs nothing", async () => {
    const html = await page(smallReport());
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain("default-src 'none'");
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).toContain('<script type="application/json" id="faultline-data">');
    expect(html).not.toMatch(/src=|href="(?!#)/);
    expect(await page(smallReport())).toBe(html);
  });

  test("escapes what comes from a scenario", async () => {
    const html = await page(smallReport());
    expect(html).toContain("<h1>Some &lt;title&gt;</h1>");
    expect(html).toContain("version: 1 # &lt;here&gt;");
    expect(html).not.toContain("<here>");
  });

  test("has its numbers as JSON, too", async () => {
    const html = await page(smallReport());
    const [, text = ""] = /id="faultline-data">([\s\S]*?)<\/script>/.exec(html) ?? [];
    const { runs } = JSON.parse(text) as { runs: { nrFaults: number; bytesByPath: object }[] };
    expect(runs).toMatchObject([{ nrFaults: 5, bytesByPath: { "node 0 → gpu0": 262144 } }]);
  });

  test("says what was not met, what was not checked and what was cut short", async () => {
    const run = smallReport();
    const [step] = run.steps;
    if (step === undefined) throw new Error("no step");
    const steps = [{ ...step, mismatches: ["expected pages 3, found 4"] }];
    const failed = await page({ ...run, passed: false, steps, ended: "stuck: a deadlock" });
    expect(failed).toContain("expectations of 1 of 1 steps are not met");
    expect(failed).toContain("expected pages 3, found 4");
    expect(failed).toContain("stuck: a deadlock");
    const missed = { what: "p99 of gpu0 faults", expected: "at most 1us", found: "3 us" };
    const expectations = [{ ...missed, isMet: false, by: "2 us (200 %) too much" }];
    const whole = await page({ ...run, passed: false, expectations });
    expect(whole).toContain("0 of 1 steps, and 1 of 1 of the whole run, are not met");
    expect(whole).toContain("<td>2 us (200 %) too much</td>");
    expect(await page({ ...run, passed: null })).toContain("expectations are not checked");
    expect(await page(run)).toContain("all expectations are met");
  });

  test("has counters by their own names, without those that are zero", async () => {
    const html = await page(smallReport());
    expect(html).toContain("<td>svm_pagefault_count</td>");
    expect(html).not.toContain("<td>never</td>");
  });
});
