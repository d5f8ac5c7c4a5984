import { expect, test } from "vitest";
import type { CommandIo } from "./command-io.ts";
import { startProgress } from "./progress.ts";

function written(errIsTerminal: boolean): string[] {
  const lines: string[] = [];
  const io = { errIsTerminal, writeErr: (text: string) => void lines.push(text) } as CommandIo;
  const progress = startProgress(io, "replaying");
  for (const done of [0, 1, 2, 200]) progress.update(done, 200);
  progress.end();
  return lines;
}

test("redraws one line when the percentage changes and clears it at the end", () => {
  expect(written(true)).toEqual([
    "\rreplaying 0%",
    "\rreplaying 1%",
    "\rreplaying 100%",
    `\r${" ".repeat(14)}\r`,
  ]);
});

test("writes nothing when nobody watches", () => {
  expect(written(false)).toEqual([]);
});
