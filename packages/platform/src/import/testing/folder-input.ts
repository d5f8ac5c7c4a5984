// For tests: folders of texts, as importers get them.
import { ImportInput } from "../import-input.ts";

/** A folder of texts by path. */
export function folderInput(name: string, texts: Readonly<Record<string, string>>): ImportInput {
  const codes = Object.entries(texts).map(([path, text]) => {
    const bytes = Uint16Array.from(text, (character) => character.charCodeAt(0));
    return { path, read: () => new Uint8Array(bytes.buffer) };
  });
  const decode = (bytes: Uint8Array): string =>
    String.fromCharCode(...new Uint16Array(bytes.buffer));
  return new ImportInput(name, codes, decode, "folder");
}
