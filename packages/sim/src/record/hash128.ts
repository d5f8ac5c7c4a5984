// MurmurHash3 x86_128 by Austin Appleby, written from its public description: a hash that takes 16
// bytes at a time with 32-bit multiplications only. It is fed words; a word is four bytes, lowest
// first, so feeding words equals hashing those bytes.

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;
const TWO_32 = 2 ** 32;

/** Numbers that can be hashed. */
export type HashedColumn = Float64Array | Uint32Array | Uint16Array | Uint8Array;

/** A hash under way. */
export class Hash128 {
  private h1: number;
  private h2: number;
  private h3: number;
  private h4: number;
  /** Words of a block that is not full yet; the rest is zero. */
  private readonly block = new Int32Array(4);
  private nrInBlock = 0;
  private nrBytes = 0;

  constructor(seed = 0) {
    this.h1 = this.h2 = this.h3 = this.h4 = seed | 0;
  }

  /** Adds four bytes. */
  addWord(word: number): void {
    const { block } = this;
    block[this.nrInBlock++] = word;
    if (this.nrInBlock < 4) return;
    this.nrInBlock = 0;
    const [word1 = 0, word2 = 0, word3 = 0, word4 = 0] = block;
    this.mix(word1, word2, word3, word4);
    block.fill(0);
  }

  /** Adds a whole number from 0 to 2^53 - 1 as eight bytes. */
  addNumber(value: number): void {
    this.addWord(value | 0);
    this.addWord((value / TWO_32) | 0);
  }

  /** Adds the first `length` numbers of a column. */
  addNumbers(column: HashedColumn, length: number): void {
    let at = 0;
    if (this.nrInBlock === 0) {
      for (; at + 1 < length; at += 2) {
        const one = column[at] as number;
        const other = column[at + 1] as number;
        this.mix(one | 0, (one / TWO_32) | 0, other | 0, (other / TWO_32) | 0);
      }
    }
    for (; at < length; at++) this.addNumber(column[at] as number);
  }

  /** The four words of the hash of all that was added; more can be added afterwards. */
  words(): Uint32Array {
    return this.finish(0);
  }

  /** The hash's first 64 bits in hexadecimal. */
  hex64(): string {
    const [h1 = 0, h2 = 0] = this.words();
    return hex(h1) + hex(h2);
  }

  private mix(word1: number, word2: number, word3: number, word4: number): void {
    let h1 = this.h1 ^ scramble1(word1);
    h1 = (Math.imul(rotated(h1, 19) + this.h2, 5) + 0x561ccd1b) | 0;
    let h2 = this.h2 ^ scramble2(word2);
    h2 = (Math.imul(rotated(h2, 17) + this.h3, 5) + 0x0bcaa747) | 0;
    let h3 = this.h3 ^ scramble3(word3);
    h3 = (Math.imul(rotated(h3, 15) + this.h4, 5) + 0x96cd1c35) | 0;
    let h4 = this.h4 ^ scramble4(word4);
    h4 = (Math.imul(rotated(h4, 13) + h1, 5) + 0x32ac3b17) | 0;
    this.h1 = h1;
    this.h2 = h2;
    this.h3 = h3;
    this.h4 = h4;
    this.nrBytes += 16;
  }

  // The unfilled part of a block counts as zero bytes, whose scrambled value is zero.
  private finish(nrTailBytes: number): Uint32Array {
    const length = this.nrBytes + 4 * this.nrInBlock + nrTailBytes;
    const [word1 = 0, word2 = 0, word3 = 0, word4 = 0] = this.block;
    let h1 = this.h1 ^ scramble1(word1) ^ length;
    let h2 = this.h2 ^ scramble2(word2) ^ length;
    let h3 = this.h3 ^ scramble3(word3) ^ length;
    let h4 = this.h4 ^ scramble4(word4) ^ length;
    h1 = (h1 + h2 + h3 + h4) | 0;
    h2 = (h2 + h1) | 0;
    h3 = (h3 + h1) | 0;
    h4 = (h4 + h1) | 0;
    h1 = avalanche(h1);
    h2 = avalanche(h2);
    h3 = avalanche(h3);
    h4 = avalanche(h4);
    h1 = (h1 + h2 + h3 + h4) | 0;
    return Uint32Array.of(h1, h2 + h1, h3 + h1, h4 + h1);
  }

  /** The hash of bytes, as published; for tests and names, where a length is no multiple of 4. */
  static ofBytes(bytes: Uint8Array, seed = 0): Uint32Array {
    const hash = new Hash128(seed);
    const nrTail = bytes.length % 4;
    const at = (i: number): number => bytes[i] ?? 0;
    for (let i = 0; i < bytes.length - nrTail; i += 4) {
      hash.addWord(at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24));
    }
    const last = bytes.length - nrTail;
    if (nrTail > 0)
      hash.block[hash.nrInBlock] = at(last) | (at(last + 1) << 8) | (at(last + 2) << 16);
    return hash.finish(nrTail);
  }
}

function scramble1(word: number): number {
  return Math.imul(rotated(Math.imul(word, C1), 15), C2);
}

function scramble2(word: number): number {
  return Math.imul(rotated(Math.imul(word, C2), 16), C3);
}

function scramble3(word: number): number {
  return Math.imul(rotated(Math.imul(word, C3), 17), C4);
}

function scramble4(word: number): number {
  return Math.imul(rotated(Math.imul(word, C4), 18), C1);
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function avalanche(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
