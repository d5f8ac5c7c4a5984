// A progress line on stderr. It is shown to a terminal only and leaves nothing behind.
import type { CommandIo } from "./command-io.ts";

/** Shows how far a piece of work is. */
export interface Progress {
  readonly update: (done: number, total: number) => void;
  /** Shows how far it is in words, where nobody knows how much there is. */
  readonly show: (text: string) => void;
  /** Removes the line; to be called before anything else is written. */
  readonly end: () => void;
}

/** A progress line that starts with `label` and is redrawn when its percentage changes. */
export function startProgress(io: CommandIo, label: string): Progress {
  let shown = "";
  const show = (text: string): void => {
    const line = `${label} ${text}`;
    if (!io.errIsTerminal || line === shown) return;
    // What the line before had more of is blanked out.
    io.writeErr(`\r${line.padEnd(shown.trimEnd().length)}`);
    shown = line;
  };
  return {
    show,
    update: (done, total) => {
      if (total > 0) show(`${Math.floor((done * 100) / total)}%`);
    },
    end: () => {
      if (shown !== "") io.writeErr(`\r${" ".repeat(shown.length)}\r`);
      shown = "";
    },
  };
}
