// The exception that means "the caller is wrong": an argument that no kernel could be given, such
// as a negative length or a page number that is no whole number. What a kernel would refuse is an
// errno.

/** Thrown at the public edge when an argument makes no sense; names the argument. */
export class ArgumentError extends Error {
  override readonly name = "ArgumentError";
  /** The argument, as its function calls it; `request.start` for a field. */
  readonly argument: string;

  constructor(argument: string, problem: string) {
    super(`${argument}: ${problem}`);
    this.argument = argument;
  }
}

/** Page numbers are below 2^45, the limit of the page tables modelled. */
export const MAX_PAGES: number = 2 ** 45;

/** Throws {@link ArgumentError} unless `condition` holds. */
export function checkArgument(
  condition: boolean,
  argument: string,
  problem: string,
): asserts condition {
  if (!condition) throw new ArgumentError(argument, problem);
}

/** Throws {@link ArgumentError} unless the value is a whole number of `[min, max]`. */
export function checkWholeNumber(
  value: number,
  argument: string,
  min = 0,
  max: number = MAX_PAGES,
): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw new ArgumentError(argument, `${String(value)} is no whole number from ${min} to ${max}`);
}
