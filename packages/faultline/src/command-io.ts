// What a command may do with the world outside: results to stdout, everything else to stderr.
import {
  type Dirent,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative, sep } from "node:path";
import type { WriteStream } from "node:tty";

/** The streams of one run of the program; tests give their own. */
export interface CommandIo {
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
  /** Whether stdout and stderr take colours (a terminal, and no NO_COLOR). */
  readonly outHasColours: boolean;
  readonly errHasColours: boolean;
  /** Whether someone watches stderr, so that progress is worth showing. */
  readonly errIsTerminal: boolean;
  /** The bytes of a file; `-` is stdin. Throws what the operating system says. */
  readonly readFile: (path: string) => Uint8Array;
  /**
   * The files below a folder, by their paths in it with `/`, `most` at most; null for what is no
   * folder, or not there.
   */
  readonly listFiles: (path: string, most: number) => readonly string[] | null;
  /**
   * Calls `stop` when the user wants an end (Ctrl-C), instead of ending the process at once. Once
   * it has, or when the function that comes back is called, Ctrl-C ends the process again.
   */
  readonly onInterrupt: (stop: () => void) => () => void;
  /** Writes a file, over what is there. Throws what the operating system says. */
  readonly writeFile: (path: string, content: string | Uint8Array) => void;
  /** Removes a file, if it is there. Throws as above. */
  readonly removeFile: (path: string) => void;
  /** Makes a folder and those around it, where there are none yet. Throws as above. */
  readonly makeFolder: (path: string) => void;
}

/** The code of the error when stdin is to be read for a second time. */
export const STDIN_TAKEN = "STDIN_TAKEN";

/** Gives all of stdin, once. */
function stdinReader(): () => Uint8Array {
  let isTaken = false;
  return () => {
    if (isTaken) throw Object.assign(new Error("stdin has been read"), { code: STDIN_TAKEN });
    isTaken = true;
    return readFileSync(0);
  };
}

/** The streams of this process. */
export function processIo(): CommandIo {
  const { stdout, stderr } = process;
  const readStdin = stdinReader();
  // A reader that has seen enough, as in `faultline run … | head`, is not an error.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  return {
    writeOut: (text) => void stdout.write(text),
    writeErr: (text) => void stderr.write(text),
    outHasColours: hasColours(stdout),
    errHasColours: hasColours(stderr),
    errIsTerminal: stderr.isTTY,
    readFile: (path) => (path === "-" ? readStdin() : readFileSync(path)),
    writeFile: (path, content) => writeFileSync(path, content),
    removeFile: (path) => rmSync(path, { force: true }),
    makeFolder: (path) => void mkdirSync(path, { recursive: true }),
    listFiles,
    onInterrupt: (stop) => {
      process.once("SIGINT", stop);
      return () => void process.removeListener("SIGINT", stop);
    },
  };
}

function hasColours(stream: WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return FORCE_COLOR !== "0";
  return stream.isTTY && stream.hasColors();
}

/** Symbolic links inside are not followed: sysfs has circles of them. */
function listFiles(path: string, most: number): string[] | null {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return null;
  const found: string[] = [];
  const open = [path];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const entry of entriesOf(folder)) {
      const at = join(folder, entry.name);
      if (entry.isDirectory()) open.push(at);
      else if (entry.isFile()) found.push(relative(path, at).replaceAll(sep, "/"));
      if (found.length >= most) return found;
    }
  }
  return found;
}

/** Nothing for a folder that may not be read; what is in it is then missing. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
