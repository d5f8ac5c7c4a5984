// From bytes to what importers read: archives are unpacked, and what is compressed in another way
// is told of. How to inflate and decode is the caller's, because a browser does it otherwise.
import { type Diagnostic, diagnosticFor } from "@faultline/diagnostics";
import { unpackTar } from "modern-tar";
import { type DecodeText, ImportInput } from "./import-input.ts";

/** What the place where this runs has. */
export interface ImportHost {
  readonly decode: DecodeText;
  /** Bytes of a gzip file, unpacked; throws for a broken one. */
  readonly inflate: (bytes: Uint8Array) => Uint8Array;
}

/** An input, or why there is none. */
export type OpenedImport =
  | { readonly input: ImportInput }
  | { readonly input?: undefined; readonly problem: Diagnostic };

const TAR_MAGIC_AT = 257;
/** First bytes of what cannot be unpacked here. */
const OTHERS: readonly (readonly [name: string, magic: readonly number[]])[] = [
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["bzip2", [0x42, 0x5a, 0x68, 0x31, 0x31, 0x41, 0x59]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
];

/** Opens a file by its first bytes, whatever its name ends with. */
export async function openImport(
  name: string,
  bytes: Uint8Array,
  host: ImportHost,
): Promise<OpenedImport> {
  const refuse = (message: string, hint?: string): OpenedImport => {
    return { problem: diagnosticFor(name, "E_IMPORT_FILES", message, { hint }) };
  };
  const other = OTHERS.find(([, magic]) => magic.every((byte, at) => bytes[at] === byte));
  if (other !== undefined) {
    return refuse(`compressed with ${other[0]}`, "unpack it, or pack it as .tar.gz");
  }
  let content = bytes;
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      content = host.inflate(bytes);
    } catch (error) {
      return refuse(`cannot be unpacked: ${reasonOf(error)}`);
    }
  }
  if (!isTar(content)) {
    return { input: new ImportInput(name, [{ path: name, read: () => content }], host.decode) };
  }
  try {
    const entries = await unpackTar(content, { strict: true });
    const files = entries
      .filter(({ header, data }) => header.type === "file" && data !== undefined)
      .map(({ header, data }) => {
        const path = header.name.replace(/^(?:\.?\/)+/, "");
        return { path, read: () => data ?? new Uint8Array() };
      });
    return { input: new ImportInput(name, files, host.decode, "archive") };
  } catch (error) {
    return refuse(`broken archive: ${reasonOf(error)}`);
  }
}

function isTar(bytes: Uint8Array): boolean {
  const magic = bytes.subarray(TAR_MAGIC_AT, TAR_MAGIC_AT + 5);
  return String.fromCharCode(...magic) === "ustar";
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\.$/, "");
}
