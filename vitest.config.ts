import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));

// Tests run on the sources: a name of ours resolves to its src/index.ts, so no build is needed.
const alias = [
  { find: /^@faultline\/([a-z]+)$/, replacement: `${root}packages/$1/src/index.ts` },
  { find: /^faultline$/, replacement: `${root}packages/faultline/src/index.ts` },
];

/** The tiers of tests: `npm test`, `npm run test:system` and `npm run test:long`. */
const tiers = {
  unit: ["packages/*/src/**/*.test.ts", "bench/src/**/*.test.ts", "tests/**/*.test.ts"],
  system: ["tests/**/*.system.ts", "packages/*/src/**/*.system.ts"],
  long: ["tests/**/*.long.ts", "packages/*/src/**/*.long.ts"],
};

export default defineConfig({
  resolve: { alias },
  test: {
    // The default leaves one core free, which is half of a two-core machine.
    maxWorkers: "100%",
    projects: Object.entries(tiers).map(([name, include]) => ({
      resolve: { alias },
      test: {
        name,
        include,
        exclude: ["**/node_modules/**", "**/dist/**"],
        // What a test takes from a build, Node loads as it is.
        server: { deps: { external: [/\/dist\//] } },
        testTimeout: name === "unit" ? 60_000 : 1_800_000,
        hookTimeout: 120_000,
      },
    })),
    reporters: ["default", "./tests/support/summary-reporter.ts"],
  },
});
