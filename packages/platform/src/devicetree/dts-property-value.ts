// The value of a property in a device tree source: texts, cells, bytes and references, in any
// sequence.
import { unescapeBytes, parseInteger } from "./dts-expression.ts";
import type { DtsScanner } from "./dts-scanner.ts";
import type { Piece, Reference } from "./open-tree.ts";

const LABEL = /[A-Za-z_]\w*:/y;

/** What stands between `=` and `;`; null after a complaint. */
export function parsePropertyValue(scanner: DtsScanner): Piece[] | null {
  const pieces: Piece[] = [];
  do {
    skipLabels(scanner);
    const part = parsePart(scanner);
    if (part === null) return null;
    for (const piece of part) pieces.push(piece);
    skipLabels(scanner);
  } while (scanner.take(","));
  return pieces;
}

/** A reference `&label` or `&{/path}` whose `&` has been taken; null after a complaint. */
export function parseReference(scanner: DtsScanner): Reference | null {
  const start = scanner.at - 1;
  const path = scanner.match(/\{[^}\s;]*\}/y);
  const name = path === null ? scanner.match(/[A-Za-z_]\w*/y) : path.slice(1, -1);
  if (name === null || (path !== null && !name.startsWith("/"))) {
    scanner.complain("a reference is `&label` or `&{/path}`", {}, [start, scanner.at]);
    return null;
  }
  return { name, range: [start, scanner.at] };
}

function skipLabels(scanner: DtsScanner): void {
  do scanner.skipSpace();
  while (scanner.match(LABEL) !== null);
}

function parsePart(scanner: DtsScanner): Piece[] | null {
  if (scanner.take("<")) return parseCells(scanner, 32);
  if (scanner.take("[")) return parseBytes(scanner);
  if (scanner.take("&")) {
    const target = parseReference(scanner);
    return target === null ? null : [{ kind: "path", target }];
  }
  if (scanner.take("/bits/")) return parseSizedCells(scanner);
  if (scanner.take("/incbin/")) {
    scanner.complain("other files are not read: /incbin/", {
      hint: "let dtc put it in: `dtc -I dts -O dts file.dts`",
    });
    return null;
  }
  return parseText(scanner);
}

function parseText(scanner: DtsScanner): Piece[] | null {
  scanner.skipSpace();
  const start = scanner.at;
  const text = scanner.match(/"(?:\\[^]|[^"\\])*"/y);
  if (text !== null) {
    return [{ kind: "bytes", bytes: [...unescapeBytes(text.slice(1, -1)), 0] }];
  }
  if (scanner.match(/"[^\n;]*/y) !== null) {
    scanner.complain("the text is not closed", {}, [start, scanner.at]);
  } else {
    scanner.complain(`no value: ${scanner.shownNext()}`, {
      hint: 'a value is "text", <cells>, [bytes] or &reference',
    });
  }
  return null;
}

function parseBytes(scanner: DtsScanner): Piece[] | null {
  const bytes: number[] = [];
  for (;;) {
    skipLabels(scanner);
    if (scanner.take("]")) return [{ kind: "bytes", bytes }];
    const digits = scanner.match(/[0-9a-fA-F]{2}/y);
    if (digits === null) {
      scanner.complain(`no byte: ${scanner.shownNext()}`, { hint: "two hexadecimal digits each" });
      return null;
    }
    bytes.push(Number.parseInt(digits, 16));
  }
}

function parseSizedCells(scanner: DtsScanner): Piece[] | null {
  scanner.skipSpace();
  const start = scanner.at;
  const nrBits = Number(scanner.match(/\d{1,3}/y) ?? 0);
  if (![8, 16, 32, 64].includes(nrBits)) {
    scanner.complain("elements have 8, 16, 32 or 64 bits", {}, [start, scanner.at]);
    return null;
  }
  return scanner.expect("<") ? parseCells(scanner, nrBits) : null;
}

function parseCells(scanner: DtsScanner, nrBits: number): Piece[] | null {
  const pieces: Piece[] = [];
  let bytes: number[] = [];
  for (;;) {
    skipLabels(scanner);
    if (scanner.take(">")) return [...pieces, { kind: "bytes", bytes }];
    const start = scanner.at;
    if (scanner.take("&")) {
      const target = parseReference(scanner);
      if (target === null) return null;
      if (nrBits !== 32) {
        scanner.complain("a reference has 32 bits", {}, [start, scanner.at]);
        return null;
      }
      pieces.push({ kind: "bytes", bytes }, { kind: "phandle", target });
      bytes = [];
      continue;
    }
    const value = parseInteger(scanner);
    if (value === null) return null;
    if (!fits(value, nrBits)) {
      scanner.complain(`more than ${nrBits} bits: ${scanner.text.slice(start, scanner.at)}`, {}, [
        start,
        scanner.at,
      ]);
      return null;
    }
    for (let at = nrBits - 8; at >= 0; at -= 8) bytes.push(Number((value >> BigInt(at)) & 0xffn));
  }
}

/** Whether a number fits, unsigned or as a negative one of 64 bits. */
function fits(value: bigint, nrBits: number): boolean {
  const signed = BigInt.asIntN(64, value);
  return BigInt.asUintN(nrBits, value) === value || BigInt.asIntN(nrBits, signed) === signed;
}
