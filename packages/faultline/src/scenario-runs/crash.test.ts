import { expect, test, vi } from "vitest";
import { main } from "../main.ts";
import { CapturedIo } from "../testing/captured-io.ts";

vi.mock("@faultline/scenario", async (importOriginal) => {
  const original = await importOriginal<typeof import("@faultline/scenario")>();
  const runUntimedScenario: typeof original.runUntimedScenario = (plan, options) => {
    if (plan.document.title !== "Broken") return original.runUntimedScenario(plan, options);
    throw Object.assign(new Error("the sky\nfell"), { name: "InvariantError" });
  };
  return { ...original, runUntimedScenario };
});

function scenario(title: string): string {
  return `version: 1\ntitle: ${title}\nsteps: [{ do: mmap, name: heap, pages: 1 }]\n`;
}

const files = {
  "a.yaml": scenario("Good"),
  "b.yaml": scenario("Broken"),
  "c.yaml": scenario("Last"),
};

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = new CapturedIo(files);
  const code = await main(["run", ...argv], io);
  return { code, out: io.out, err: io.err };
}

test.each(["1", "3"])("a bug in one file is that file's, with --jobs %s", async (jobs) => {
  const { code, out, err } = await run("a.yaml", "b.yaml", "c.yaml", "--jobs", jobs);
  expect(code).toBe(3);
  expect(out).toMatch(/^Good\n[^]*^passed: 1 steps\n\nBroken\nb\.yaml, kernel 7\.2-fixed\n/m);
  expect(out).toContain("\nfailed: internal error: InvariantError: the sky fell\n\nLast\n");
  expect(out).toMatch(/passed: 1 steps\n$/);
  expect(err).toContain("internal error in b.yaml: InvariantError: the sky fell\n");
  expect(err).toContain(`  faultline run a.yaml b.yaml c.yaml --jobs ${jobs}\n`);
});

test("says so in JSON, too, and keeps the results of the others", async () => {
  const { code, out } = await run("a.yaml", "b.yaml", "--json");
  expect(code).toBe(3);
  const { results } = JSON.parse(out) as { results: object[] };
  expect(results).toMatchObject([
    { title: "Good", passed: true },
    { file: "b.yaml", title: "Broken", passed: false, error: "InvariantError: the sky fell" },
  ]);
});
