// Ends a test run with one plain line, "N passed, N failed", which scripts can read.
import type { Reporter, TestModule } from "vitest/node";

/** Counts the tests of all modules and prints the totals after everything else. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandled.length;
    let skipped = 0;
    for (const module of modules) {
      let own = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed += 1;
        else if (state === "failed") own += 1;
        else skipped += 1;
      }
      // A module that does not load, or a suite whose hook throws, fails without a failing test.
      failed += own === 0 && module.state() === "failed" ? 1 : own;
    }
    const tail = skipped > 0 ? `${skipped} skipped\n` : "";
    process.stdout.write(`\n${tail}${passed} passed, ${failed} failed\n`);
  }
}
