// Broken scenario files, made at random from a good one: whatever a person types, the answer is a
// result or diagnostics, never an exception and never a stack trace.
import { readFileSync } from "node:fs";
import { loadScenario } from "@faultline/scenario";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { main } from "./main.ts";
import { CapturedIo } from "./testing/captured-io.ts";

const original = readFileSync(
  new URL("../../../scenarios/quickstart.yaml", import.meta.url),
  "utf8",
);

/** Numbers at the limits of what fields and machines take, words of the language, and junk. */
const WORDS = [
  "0 -1 1 1.5 31 512 8191 65536 4194304 4194305 4294967295 4294967296 9007199254740993 1e400",
  ".nan true null ~ heap heap+1 heap+99999999999999999999 child gpu0 gpu1 app none zero",
  "munmap mremap fork exit pin close_device khugepaged check mmap 4KiB 1TiB 99999999TiB",
  "arm64-64k power9-64k 7.2.12 MADV_DONTNEED *a &a !!binary | > { [ } ] - : # ' \" % @ `",
]
  .join(" ")
  .split(" ");
const VALUES = [
  ...WORDS,
  "__proto__",
  "constructor",
  "\t",
  "\u0000",
  "\ufeff",
  "\ud800",
  "🧠",
  "\r",
  "a".repeat(5000),
];

const KEYS =
  "do at pages name process device value expect as of to node cpu prot share state".split(" ");

/** One edit of a text, told by three numbers in [0, 1) so that it shrinks. */
interface Edit {
  readonly kind: "delete" | "duplicate" | "insert" | "swap" | "word" | "key" | "byte" | "cut";
  readonly where: number;
  readonly what: number;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom(
    ...(["delete", "duplicate", "insert", "swap", "word", "key", "byte", "cut"] as const),
  ),
  where: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  what: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

function pick<T>(list: readonly T[], at: number): T {
  return list[Math.floor(at * list.length)] as T;
}

/** Replaces the match of `pattern` that `where` points at. */
function replaceOne(text: string, pattern: RegExp, where: number, by: string): string {
  const matches = [...text.matchAll(pattern)];
  if (matches.length === 0) return text;
  const { index, 0: found } = pick(matches, where);
  return text.slice(0, index) + by + text.slice(index + found.length);
}

function apply(text: string, { kind, where, what }: Edit): string {
  const lines = text.split("\n");
  const line = Math.floor(where * lines.length);
  const offset = Math.floor(where * text.length);
  switch (kind) {
    case "delete":
      return lines.toSpliced(line, 1).join("\n");
    case "duplicate":
      return lines.toSpliced(line, 0, lines[line] ?? "").join("\n");
    case "insert":
      return lines.toSpliced(line, 0, pick(lines, what)).join("\n");
    case "swap":
      return lines.with(line, pick(lines, what)).join("\n");
    case "word":
      return replaceOne(text, /(?<=: )[\w.+-]+/g, where, pick(VALUES, what));
    case "key":
      return replaceOne(text, /\w+(?=:)/g, where, pick(KEYS, what));
    case "byte":
      return text.slice(0, offset) + pick(VALUES, what) + text.slice(offset + 1);
    case "cut":
      return text.slice(0, offset);
  }
}

const mutant = fc
  .array(edit, { minLength: 1, maxLength: 6 })
  .map((edits) => edits.reduce(apply, original));

/** Runs the command line on one text. */
async function faultline(command: string, text: string): Promise<{ code: number; all: string }> {
  const io = new CapturedIo({ "mutant.yaml": text });
  const code = await main([command, "mutant.yaml"], io);
  return { code, all: io.out + io.err };
}

/** Pages that all mappings of a text ask for; large ones are checked but not run. */
function isSmall(text: string): boolean {
  const { plan } = loadScenario(text, "mutant.yaml");
  return plan !== null && plan.steps.every(({ nrPages }) => nrPages <= 4096);
}

describe("random edits of a scenario file", { timeout: 600_000 }, () => {
  const numRuns = Number(process.env.FAULTLINE_FUZZ_RUNS ?? 300);

  test("give a plan or diagnostics that point into the text", () => {
    let nrBroken = 0;
    fc.assert(
      fc.property(mutant, (text) => {
        const { plan, diagnostics } = loadScenario(text, "mutant.yaml");
        expect(plan === null).toBe(diagnostics.some(({ severity }) => severity === "error"));
        if (plan === null) nrBroken++;
        const nrLines = text.split(/\r\n|\r|\n/).length;
        for (const { start, end, line, column } of diagnostics) {
          expect([start >= 0, end >= start, end <= text.length]).toEqual([true, true, true]);
          expect(line).toBeGreaterThan(0);
          expect(line).toBeLessThanOrEqual(nrLines);
          expect(column).toBeGreaterThan(0);
        }
      }),
      { numRuns },
    );
    // Edits that break nothing would prove nothing.
    expect(nrBroken).toBeGreaterThan(numRuns / 4);
  });

  test("make the command line answer 0, 1 or 2, never 3, and never show a stack", async () => {
    await fc.assert(
      fc.asyncProperty(mutant, async (text) => {
        const checked = await faultline("check", text);
        expect([0, 2]).toContain(checked.code);
        expect(checked.all).not.toMatch(/internal error|^\s+at .*:\d+:\d+\)?$/m);
        if (checked.code === 2) expect((await faultline("run", text)).code).toBe(2);
        else if (isSmall(text)) {
          const ran = await faultline("run", text);
          expect([0, 1], ran.all).toContain(ran.code);
        }
      }),
      { numRuns: numRuns / 3 },
    );
  });
});
