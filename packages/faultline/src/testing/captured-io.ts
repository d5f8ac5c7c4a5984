// For tests of commands: streams that keep what is written.
import type { CommandIo } from "../command-io.ts";

/** Streams without colours or terminal; the folder `none/` does not exist. */
export class CapturedIo implements CommandIo {
  out = "";
  err = "";
  readonly outHasColours: boolean = false;
  readonly errHasColours: boolean = false;
  readonly errIsTerminal: boolean = false;
  /** Texts that were written, by path. */
  readonly written: Map<string, string> = new Map();
  /** Bytes that were written, by path; they can be read. */
  readonly writtenBytes: Map<string, Uint8Array> = new Map();
  readonly #files: Map<string, string | Uint8Array>;

  /** `files` gives what can be read, by path. */
  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    this.#files = new Map(Object.entries(files));
  }

  readonly writeOut = (text: string): void => void (this.out += text);
  readonly writeErr = (text: string): void => void (this.err += text);
  readonly readFile = (path: string): Uint8Array => {
    const content = this.#files.get(path);
    if (content === undefined) throw Object.assign(new Error(path), { code: "ENOENT" });
    return typeof content === "string" ? new TextEncoder().encode(content) : content;
  };
  /** A folder is what some file has before a `/`. */
  readonly listFiles = (path: string, most: number): readonly string[] | null => {
    const below = [...this.#files.keys()].filter((one) => one.startsWith(`${path}/`));
    return below.length === 0
      ? null
      : below.map((one) => one.slice(path.length + 1)).slice(0, most);
  };
  /** What Ctrl-C would do now; null while nobody listens. */
  interrupt: (() => void) | null = null;
  readonly onInterrupt = (stop: () => void): (() => void) => {
    this.interrupt = stop;
    return () => {
      this.interrupt = null;
    };
  };
  /** Folders that were made. */
  readonly folders: string[] = [];
  readonly makeFolder = (path: string): void => {
    if (path.startsWith("none/")) throw Object.assign(new Error(path), { code: "EACCES" });
    this.folders.push(path);
  };
  readonly removeFile = (path: string): void => {
    this.#files.delete(path);
    this.written.delete(path);
    this.writtenBytes.delete(path);
  };
  readonly writeFile = (path: string, content: string | Uint8Array): void => {
    if (path.startsWith("none/")) throw Object.assign(new Error(path), { code: "ENOENT" });
    this.#files.set(path, content);
    if (typeof content === "string") this.written.set(path, content);
    else this.writtenBytes.set(path, content);
  };
}
