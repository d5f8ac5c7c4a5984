// What the program hands to each command.
import type { CommandIo } from "./command-io.ts";
import type { CommandOutcome } from "./exit-code.ts";
import { worseOutcome } from "./exit-code.ts";

/** A mistake of Faultline's own, while it was at one of several files. */
export interface FileBug {
  readonly error: unknown;
  readonly file: string;
}

/** The run of one command line: its streams, and how it has gone so far. */
export class CommandContext {
  readonly io: CommandIo;
  #outcome: CommandOutcome = "ok";
  readonly #bugs: FileBug[] = [];

  constructor(io: CommandIo) {
    this.io = io;
  }

  get outcome(): CommandOutcome {
    return this.#outcome;
  }

  /** Notes how a part of the work went; the worst part decides the exit code. */
  note(outcome: CommandOutcome): void {
    this.#outcome = worseOutcome(this.#outcome, outcome);
  }

  /** What was wrong with Faultline itself while work on other files could go on. */
  get bugs(): readonly FileBug[] {
    return this.#bugs;
  }

  /** Notes such a mistake; it is reported at the end, and decides the exit code. */
  noteBug(error: unknown, file: string): void {
    this.#bugs.push({ error, file });
  }

  /** Puts the one JSON value of a `--json` run on stdout. */
  printJson(value: unknown): void {
    this.io.writeOut(`${JSON.stringify(value, null, 2)}\n`);
  }
}
