import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { processIo, STDIN_TAKEN } from "./command-io.ts";
import { readSource } from "./read-source.ts";

const folder = mkdtempSync(join(tmpdir(), "faultline-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe("readSource", () => {
  const io = processIo();

  test("reads UTF-8 and drops a byte order mark", () => {
    const path = write("bom.yaml", "\ufeffname: ü\n");
    expect(readSource(io, path).source).toMatchObject({ file: path, text: "name: ü\n" });
  });

  test("a missing file, and a file in place of a folder, are not found", () => {
    const path = write("file", "x");
    for (const missing of [join(folder, "nope"), join(path, "inside")]) {
      expect(readSource(io, missing)).toMatchObject({ problem: { code: "E_FILE_NOT_FOUND" } });
    }
  });

  test("a folder is unreadable", () => {
    expect(readSource(io, folder)).toMatchObject({
      problem: { code: "E_FILE_UNREADABLE", message: "is a directory", file: folder, line: 0 },
    });
  });

  test("bytes that are not UTF-8 are not text", () => {
    const path = write("latin1.yaml", Uint8Array.of(0x6e, 0xfc));
    expect(readSource(io, path)).toMatchObject({ problem: { code: "E_FILE_NOT_TEXT" } });
  });

  test("- is stdin and has a name of its own", () => {
    const fake = { ...io, readFile: (path: string) => new TextEncoder().encode(`from ${path}`) };
    expect(readSource(fake, "-").source).toMatchObject({ file: "<stdin>", text: "from -" });
  });

  test("a second - is told that stdin is read once", () => {
    const taken = (): never => {
      throw Object.assign(new Error("taken"), { code: STDIN_TAKEN });
    };
    expect(readSource({ ...io, readFile: taken }, "-")).toMatchObject({
      problem: {
        code: "E_FILE_UNREADABLE",
        message: expect.stringContaining("read once") as string,
        file: "<stdin>",
      },
    });
  });
});
