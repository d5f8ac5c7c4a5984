import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeBytes,
  decodeClasses,
  decodeLetters,
  decodeStatuses,
  decodeTokens,
  encodeBytes,
  encodeClasses,
  encodeLetters,
  encodeStatuses,
  encodeTokens,
  type Token,
} from "./run-length.ts";

/** Lists with runs in them: short lists of stretches that repeat or count up. */
function stretches<T>(value: fc.Arbitrary<T>, next: (value: T) => T): fc.Arbitrary<{ list: T[] }> {
  const stretch = fc.record({
    first: value,
    count: fc.integer({ min: 1, max: 20 }),
    up: fc.boolean(),
  });
  return fc.array(stretch, { maxLength: 12 }).map((parts) => ({
    list: parts.flatMap(({ first, count, up }) => {
      const list: T[] = [];
      for (let item = first, i = 0; i < count; i++, item = up ? next(item) : item) list.push(item);
      return list;
    }),
  }));
}

const word = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.nat(),
  fc.integer({ min: 2 ** 40, max: 2 ** 50 }),
);
const signal = fc.constantFrom("SM", "SA", "SB", "SO", "torn0", "tornfe12", "ffffffffffffffff");
const token: fc.Arbitrary<Token> = fc.oneof(word, signal);
const nextToken = (value: Token): Token => (typeof value === "number" ? value + 1 : value);

describe("run-length texts", () => {
  it.each([
    ["", ""],
    ["P", "P"],
    ["PPPP.............", "P4.13"],
    [".zPP", ".zP2"],
  ])("letters %j are %j", (letters, text) => {
    expect(encodeLetters(letters)).toBe(text);
    expect(decodeLetters(text)).toBe(letters);
  });

  it.each<[Token[], string]>([
    [[0x30002, 0x30003, 0x30004], "30002+3"],
    [[0, 0, 7], "0*2,7"],
    [["SM", "SM", "SA", 1], "SM*2,SA,1"],
    [[1, 2, 2, 2, 3], "1+2,2*2,3"],
    [["torn1f", 0x1f, 0x20], "torn1f,1f+2"],
    [["fedcba9876543210"], "fedcba9876543210"],
  ])("tokens %j are %j", (tokens, text) => {
    expect(encodeTokens(tokens)).toBe(text);
    expect(decodeTokens(text)).toEqual(tokens);
  });

  it("lets a lone 0 before class 1 start a run, as the recording program does", () => {
    expect(encodeClasses([0, 1, 2])).toBe("0+3");
    expect(decodeClasses("0+3")).toEqual(Int32Array.of(0, 1, 2));
    expect(encodeClasses([0, 0, 1, 2, 0])).toBe("0*2,1+2,0");
    expect(decodeClasses("0*2,1+2,0")).toEqual(Int32Array.of(0, 0, 1, 2, 0));
  });

  it("pads bytes to two digits and never counts them up", () => {
    expect(encodeBytes(Uint8Array.of(1, 2, 2, 0xff))).toBe("01,02*2,ff");
    expect(decodeBytes("01,02*2,ff")).toEqual(Uint8Array.of(1, 2, 2, 0xff));
  });

  it("writes statuses in decimal", () => {
    expect(encodeStatuses([0, -2, -2, 1])).toBe("0,-2*2,1");
    expect(decodeStatuses("0,-2*2,1")).toEqual(Int32Array.of(0, -2, -2, 1));
  });

  it("brings every list back", () => {
    const letter = fc.constantFrom(...".PpFfCczZWRXMSKYyHTab-w".split(""));
    fc.assert(
      fc.property(
        stretches(letter, (l) => l),
        ({ list }) => {
          expect(decodeLetters(encodeLetters(list.join("")))).toBe(list.join(""));
        },
      ),
    );
    fc.assert(
      fc.property(stretches(token, nextToken), ({ list }) => {
        expect(decodeTokens(encodeTokens(list))).toEqual(list);
      }),
    );
    const classes = stretches(fc.integer({ min: 0, max: 9 }), (n) => n + 1);
    fc.assert(
      fc.property(classes, ({ list }) => {
        expect(decodeClasses(encodeClasses(list))).toEqual(Int32Array.from(list));
      }),
    );
    const bytes = stretches(fc.integer({ min: 0, max: 255 }), (n) => (n + 1) & 255);
    fc.assert(
      fc.property(bytes, ({ list }) => {
        const values = Uint8Array.from(list);
        expect(decodeBytes(encodeBytes(values))).toEqual(values);
      }),
    );
    const statuses = stretches(fc.integer({ min: -999, max: 1 }), (n) => n);
    fc.assert(
      fc.property(statuses, ({ list }) => {
        expect(decodeStatuses(encodeStatuses(list))).toEqual(Int32Array.from(list));
      }),
    );
  });

  it.each(["4P", "P0", ".99999999999"])("refuses the letters %j", (text) => {
    expect(decodeLetters(text)).toBeNull();
  });

  it.each(["1*", "1+0", ",", "1,,2", "xyz", "SM+2", "SMX", "1*2*3", "1*9999999999", "A0", " 1"])(
    "refuses the tokens %j",
    (text) => {
      expect(decodeTokens(text)).toBeNull();
    },
  );

  it("refuses other malformed lists", () => {
    expect(decodeClasses("SM")).toBeNull();
    expect(decodeClasses("ffffffff")).toBeNull();
    expect(decodeBytes("1")).toBeNull();
    expect(decodeBytes("00+4")).toBeNull();
    expect(decodeStatuses("a")).toBeNull();
    expect(decodeStatuses("1+2")).toBeNull();
  });

  it("stops at the limit instead of filling memory", () => {
    expect(decodeLetters("P9", 8)).toBeNull();
    expect(decodeBytes("00*8,01", 8)).toBeNull();
    expect(decodeBytes("00*8", 8)).toHaveLength(8);
  });

  it("survives any text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."PS0123456789af*+,-t".split("")) }),
        (text) => {
          for (const decode of [decodeTokens, decodeClasses, decodeBytes, decodeStatuses]) {
            const list = decode(text, 1000);
            expect(list === null || list.length <= 1000).toBe(true);
          }
          const letters = decodeLetters(text, 1000);
          expect(letters === null || letters.length <= 1000).toBe(true);
        },
      ),
    );
  });
});
