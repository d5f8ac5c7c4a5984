// How a world tells what it decided. Nothing listens by default; `explain` and traced runs attach a
// recorder and run the same operations again.

/** Receives decisions while they are made. Page numbers are virtual pages of the mm at hand. */
export interface Recorder {
  /**
   * One decision.
   * @param rule id of the rule that decided, for example `cow-copy`.
   * @param mmId the address space, or 0 when none is involved.
   * @param page first page number concerned.
   * @param nrPages number of pages concerned.
   */
  note(rule: string, mmId: number, page: number, nrPages: number): void;
}
