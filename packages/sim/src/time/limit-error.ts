// The exception that means "this run is larger than the simulator can be exact about".

/** Thrown when a run meets a limit; the state is whole, so what was recorded until then is good. */
export class LimitError extends Error {
  override readonly name = "LimitError";
  /** What is limited, as its option is called; `maxTimePs`. */
  readonly limit: string;
  /** The value of the limit that was met. */
  readonly value: number;

  constructor(limit: string, value: number, problem: string) {
    super(problem);
    this.limit = limit;
    this.value = value;
  }
}
