// For tests that compute much: the command line as built, which `npm test` has just done. The
// sources as tests load them take three times as long.
import { CapturedIo } from "./captured-io.ts";
import type { Ran } from "./run-command.ts";

const { main } = await import("../../dist/main.js");

/** Runs the command line `argv`; `files` can be read, or whatever `io` lets be read. */
export async function runBuilt(
  argv: readonly string[],
  files: Readonly<Record<string, string | Uint8Array>> = {},
  io: CapturedIo = new CapturedIo(files),
): Promise<Ran> {
  const code = await main(argv, io);
  const { out, err, written, writtenBytes } = io;
  return { code, out, err, written, writtenBytes };
}
