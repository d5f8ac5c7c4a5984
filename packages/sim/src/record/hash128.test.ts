import { describe, expect, test } from "vitest";
import { Hash128 } from "./hash128.ts";

function hexOf(words: Uint32Array): string {
  return Array.from(words, (word) => word.toString(16).padStart(8, "0")).join("");
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

describe("the hash", () => {
  // https://github.com/PeterScott/murmur3/blob/master/test.c
  test.each([
    ["Hello, world!", 123, "61c9129e5a1aacd7a41621629e37c886"],
    ["Hello, world!", 321, "d5fbdcb3c26c4193045880c5a7170f0f"],
    ["xxxxxxxxxxxxxxxxxxxxxxxxxxxx", 123, "5e40bab278825a164cf929d31fec6047"],
  ])("of %j with seed %i is the published one", (text, seed, expected) => {
    expect(hexOf(Hash128.ofBytes(bytesOf(text), seed))).toBe(expected);
  });

  test("passes SMHasher's verification of MurmurHash3_x86_128", () => {
    // Keys 0, 01, 0102, … of 0 to 255 bytes with seed 256 - length; then the hash of all hashes.
    const all = new Uint8Array(256 * 16);
    for (let length = 0; length < 256; length++) {
      const key = Uint8Array.from({ length }, (_, i) => i);
      const view = new DataView(all.buffer, 16 * length);
      Hash128.ofBytes(key, 256 - length).forEach((word, i) => view.setUint32(4 * i, word, true));
    }
    expect(Hash128.ofBytes(all)[0]).toBe(0xb3ece62a);
  });

  test("of words is the hash of their bytes, lowest first", () => {
    const hash = new Hash128(7);
    for (const word of [0x04030201, 0x08070605, 0x0c0b0a09]) hash.addWord(word);
    expect(hash.words()).toEqual(
      Hash128.ofBytes(
        Uint8Array.from({ length: 12 }, (_, i) => i + 1),
        7,
      ),
    );
  });

  test("of a number covers all of its 53 bits", () => {
    const hashes = [0, 1, 2 ** 31, 2 ** 32, 2 ** 52, Number.MAX_SAFE_INTEGER].map((value) => {
      const hash = new Hash128();
      hash.addNumber(value);
      return hash.hex64();
    });
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
