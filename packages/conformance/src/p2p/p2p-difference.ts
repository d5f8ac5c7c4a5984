// Where the simulated answer about a machine differs from the recorded one.

/** The questions of a recording. */
export type P2pQuestion =
  | "first"
  | "acs"
  | "distance"
  | "type"
  | "hmm"
  | "hmm32"
  | "sg"
  | "sg32"
  | "mix"
  | "buf"
  | "buf32"
  | "res"
  | "many"
  | "nearest"
  | "nonpci"
  | "warning"
  | "later-acs"
  | "stale-type"
  | "later-distance"
  | "fresh-type";

/** One answer that differs. */
export interface P2pDifference {
  readonly machine: string;
  readonly group: string;
  /** The question, or `exception` when the simulator broke. */
  readonly question: P2pQuestion | "exception";
  /** Whom the question was about: functions by path, a set of clients, or nothing. */
  readonly about: string;
  readonly expected: string;
  readonly actual: string;
}

/** One line: where, then both answers. */
export function formatP2pDifference(difference: P2pDifference): string {
  const { machine, question, about, expected, actual } = difference;
  const place = about === "" ? `${machine} ${question}` : `${machine} ${question} of ${about}`;
  return `${place}: expected ${expected}, got ${actual}`;
}
