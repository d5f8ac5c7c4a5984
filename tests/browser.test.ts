// The packages that promise to run in a browser run in a JavaScript engine that has nothing else:
// no Node globals and no modules.
import { createContext, runInContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { run } from "./support/browser-program.ts";
import { bundleForBrowser } from "./support/bundle.ts";

const BUNDLE_TIMEOUT_MS = 60_000;

/** Runs a bundled file in an empty world, or one with `globals`, and gives its exports. */
async function evaluate(path: string, globals: object = {}): Promise<unknown> {
  const code = await bundleForBrowser(path);
  const world = Object.assign(Object.create(null) as object, globals);
  return runInContext(`${code}\nbundle;`, createContext(world));
}

/** What a package needs of a browser beside the language, as its libraries do. */
const NEEDED: Readonly<Record<string, object>> = {
  faultline: { TextEncoder, TextDecoder, ReadableStream, TransformStream, WritableStream },
  scenario: { TextEncoder, TextDecoder, ReadableStream, TransformStream, WritableStream },
  platform: { TextEncoder, TextDecoder, ReadableStream, TransformStream, WritableStream },
};

test("the bare engine really has nothing of Node", () => {
  const names = ["process", "require", "Buffer", "setTimeout", "structuredClone", "fetch"];
  const kinds = names.map((name) => `typeof ${name}`).join();
  const context = createContext(Object.create(null) as object);
  expect(runInContext(`[${kinds}].join()`, context)).toBe(names.map(() => "undefined").join());
});

test("a program gives the same result there as here", { timeout: BUNDLE_TIMEOUT_MS }, async () => {
  const bundle = (await evaluate("tests/support/browser-program.ts")) as { run: typeof run };
  const there = JSON.stringify(bundle.run());
  expect(there).toBe(JSON.stringify(run()));
  expect(JSON.parse(there)).toMatchObject({
    written: 500_500,
    parentAfterFork: 999_000,
    childAfterFork: 500_500,
    restored: 500_500,
  });
});

test("a simulated run has the same digest there as here", {
  timeout: BUNDLE_TIMEOUT_MS,
}, async () => {
  const bundle = (await evaluate("packages/sim/src/test-kit/pinned-run.ts")) as {
    pinnedDigest: (seed: number) => string;
    PINNED_DIGEST: string;
  };
  // The package's own tests find this digest in Node.
  expect(bundle.PINNED_DIGEST).toMatch(/^[0-9a-f]{16}$/);
  expect(bundle.pinnedDigest(42)).toBe(bundle.PINNED_DIGEST);
});

const inBrowser = ["core", "engine", "stacks", "diagnostics", "profiles", "sim", "platform"];

describe.each([...inBrowser, "report", "scenario", "faultline"])("%s", (name) => {
  test("bundles for a browser and loads", { timeout: BUNDLE_TIMEOUT_MS }, async () => {
    const bundle = await evaluate(`packages/${name}/src/index.ts`, NEEDED[name]);
    expect(Object.keys(bundle as object).length).toBeGreaterThan(0);
  });
});
