// Programs of memory operations that this machine's kernel and the simulator both run. The steps
// are those of native/host.c; what is timed is between `start` and `stop`.

/** What a result is divided by. */
export type ProgramUnit = "page" | "huge page" | "process";

/** A program, and what of it is counted. */
export interface HostProgram {
  readonly name: string;
  /** One line: what is timed. */
  readonly what: string;
  readonly unit: ProgramUnit;
  readonly nrUnits: number;
  /** Steps, separated by semicolons. */
  readonly steps: string;
  /** What a machine must have for it. */
  readonly needs?: "huge pages" | "two nodes";
}

/** A step: its word, its numbers, and whether the child does it. */
export interface ProgramStep {
  readonly word: string;
  readonly isChild: boolean;
  /** The kind of a `map`. */
  readonly kind: "small" | "huge";
  readonly numbers: readonly number[];
}

/** Numbers that each step has at least. */
const STEPS: Readonly<Record<string, number>> = {
  map: 1,
  read: 2,
  write: 2,
  protect: 2,
  drop: 2,
  unmap: 2,
  move: 3,
  fork: 0,
  end: 0,
  start: 0,
  stop: 0,
};

/** Words that a child can be told. */
const OF_CHILD = ["read", "write", "protect", "drop", "unmap"];

/**
 * The steps of a program.
 * @throws Error for what is no step: programs are ours.
 */
export function parseSteps(steps: string): ProgramStep[] {
  return steps.split(";").map((text) => {
    const words = text.trim().split(/\s+/);
    const isChild = words[0] === "child";
    const [word = "", ...rest] = isChild ? words.slice(1) : words;
    const kind = word === "map" ? rest.shift() : "small";
    const numbers = rest.map(Number);
    const isKnown = isChild ? OF_CHILD.includes(word) : word in STEPS;
    const isWhole = numbers.length >= (STEPS[word] ?? 0) && numbers.every(Number.isSafeInteger);
    if (!isKnown || !isWhole || (kind !== "small" && kind !== "huge")) {
      throw new Error(`no step of a program: ${text.trim()}`);
    }
    return { word, isChild, kind, numbers };
  });
}
