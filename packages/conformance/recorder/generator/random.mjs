// A small seeded generator (splitmix32), so that a seed means the same cases everywhere.

/** Seeded random choices. */
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A 32-bit unsigned integer. */
  next() {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let word = this.#state;
    word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return (word ^ (word >>> 15)) >>> 0;
  }

  /** An integer from 0 to below `end`. */
  below(end) {
    return Math.floor((this.next() / 2 ** 32) * end);
  }

  /** An integer from `least` to `most`, both included. */
  between(least, most) {
    return least + this.below(most - least + 1);
  }

  /** True `percent` times in a hundred. */
  chance(percent) {
    return this.below(100) < percent;
  }

  /** One element of a list. */
  pick(list) {
    return list[this.below(list.length)];
  }

  /** One key of an object whose values are weights. */
  weighted(weights) {
    const entries = Object.entries(weights);
    let left = this.below(entries.reduce((sum, [, weight]) => sum + weight, 0));
    for (const [key, weight] of entries) {
      if (left < weight) return key;
      left -= weight;
    }
    throw new Error("weights add up to nothing");
  }
}
