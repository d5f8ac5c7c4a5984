// The one place where what happened becomes the exit code of the process.

/** How a command ended. A bug of ours is not an outcome: it is an exception. */
export type CommandOutcome = "ok" | "expectation-failed" | "bad-input";

/** The exit code when Faultline itself is wrong. */
export const EXIT_CODE_BUG = 3;

const exitCodes: Readonly<Record<CommandOutcome, number>> = {
  ok: 0,
  "expectation-failed": 1,
  "bad-input": 2,
};

/** 0 for success, 1 when an expectation failed, 2 for bad input. */
export function exitCodeOf(outcome: CommandOutcome): number {
  return exitCodes[outcome];
}

/** The worse of two outcomes: bad input before a failed expectation before success. */
export function worseOutcome(left: CommandOutcome, right: CommandOutcome): CommandOutcome {
  return exitCodes[left] >= exitCodes[right] ? left : right;
}
