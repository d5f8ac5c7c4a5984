// A progress line on stderr. It is shown to a terminal only and leaves nothing behind.
import type { CommandIo } from "./command-io.ts";

/** Shows how far a piece of work is. */
export interface Progress {
  readonly update: (done: number, total: number) => void;
  /** Removes the line; to be called before anything else is written. */
  readonly end: () => void;
}

/** A progress line that starts with `label` and is redrawn when its percentage changes. */
export function startProgress(io: CommandIo, label: string): Progress {
  let shown = "";
  return {
    update: (done, total) => {
      if (!io.errIsTerminal || total === 0) return;
      const line = `${label} ${Math.floor((done * 100) / total)}%`;
      if (line === shown) return;
      shown = line;
      io.writeErr(`\r${line}`);
    },
    end: () => {
      if (shown !== "") io.writeErr(`\r${" ".repeat(shown.length)}\r`);
      shown = "";
    },
  };
}
