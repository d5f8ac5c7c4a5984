// What an importer reads: one file, or the files of a folder or an archive, each by its path.
// Texts that were asked for are kept, so that problems in them can be shown.
import { type Diagnostic, diagnosticFor, SourceText } from "@faultline/diagnostics";

/** One file; its bytes are read when somebody asks for them. */
export interface ImportFile {
  /** Below the folder or in the archive, with `/`; the name of a file that is alone. */
  readonly path: string;
  /** Throws what the operating system says. */
  readonly read: () => Uint8Array;
}

/** Bytes as UTF-8; null when they are not. */
export type DecodeText = (bytes: Uint8Array) => string | null;

/** One file, or several. */
export class ImportInput {
  /** How diagnostics name it. */
  readonly name: string;
  readonly files: readonly ImportFile[];
  readonly origin: "file" | "folder" | "archive";
  readonly problems: Diagnostic[] = [];
  private readonly decode: DecodeText;
  private readonly texts = new Map<string, SourceText | null>();

  constructor(
    name: string,
    files: readonly ImportFile[],
    decode: DecodeText,
    origin: ImportInput["origin"] = "file",
  ) {
    this.name = name;
    this.decode = decode;
    this.origin = origin;
    this.files = files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }

  /** A text that is at hand. */
  static ofText(name: string, text: string): ImportInput {
    return new ImportInput(name, [{ path: name, read: () => new Uint8Array() }], () => text);
  }

  /** How diagnostics name a file of it. */
  nameOf({ path }: ImportFile): string {
    return this.origin === "file" ? this.name : `${this.name}/${path}`;
  }

  /** The bytes of a file; null, and a problem, when it cannot be read. */
  bytes(file: ImportFile): Uint8Array | null {
    try {
      return file.read();
    } catch (error) {
      const { code = "unknown reason" } = error as { readonly code?: string };
      this.add(file, "E_FILE_UNREADABLE", `cannot be read: ${code}`);
      return null;
    }
  }

  /** The text of a file; null, and a problem, when it is none. */
  text(file: ImportFile): SourceText | null {
    const known = this.texts.get(file.path);
    if (known !== undefined) return known;
    const bytes = this.bytes(file);
    const text = bytes === null ? null : this.decode(bytes);
    if (bytes !== null && text === null) this.add(file, "E_FILE_NOT_TEXT", "not UTF-8 text");
    const source = text === null ? null : new SourceText(this.nameOf(file), text);
    this.texts.set(file.path, source);
    return source;
  }

  /** The one file of an input that should have no more; null, and a problem, when it has. */
  only(): ImportFile | null {
    const [file, second] = this.files;
    if (file !== undefined && second === undefined) return file;
    const message = `one file is read, ${this.origin} with ${this.files.length}: ${this.name}`;
    const hint = "name the file inside it";
    this.problems.push(diagnosticFor(this.name, "E_IMPORT_FILES", message, { hint }));
    return null;
  }

  /** Every text that was read, for showing places in it. */
  sources(): SourceText[] {
    return [...this.texts.values()].filter((source) => source !== null);
  }

  private add(file: ImportFile, code: Diagnostic["code"], message: string): void {
    this.problems.push(diagnosticFor(this.nameOf(file), code, message));
  }
}
