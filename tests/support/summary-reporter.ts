// Ends a test run with what was skipped and why, and with one plain line, "N passed, N failed",
// which scripts can read.
import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Counts the tests of all modules and prints the totals after everything else. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandled.length;
    const skipped: string[] = [];
    for (const module of modules) {
      let own = 0;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "passed") passed += 1;
        else if (result.state === "failed") own += 1;
        else skipped.push(skippedLine(test));
      }
      // A module that does not load, or a suite whose hook throws, fails without a failing test.
      failed += own === 0 && module.state() === "failed" ? 1 : own;
    }
    const tail = skipped.length > 0 ? `${skipped.join("\n")}\n${skipped.length} skipped\n` : "";
    process.stdout.write(`\n${tail}${passed} passed, ${failed} failed\n`);
  }
}

/** A skipped test, with the reason where it gave one by `skip("reason")`. */
function skippedLine(test: TestCase): string {
  const result = test.result();
  const reason = result.state === "skipped" && result.note !== undefined ? `: ${result.note}` : "";
  return `skipped ${test.fullName}${reason}`;
}
