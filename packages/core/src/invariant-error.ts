// The exception that means "Faultline itself is wrong". Kernel failures are return values and bad
// input is a diagnostic, so anything thrown from core or engine is one of these.

/** Thrown when the simulator's own bookkeeping contradicts itself; never for bad input. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Throws {@link InvariantError} with `message` unless `condition` holds. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
