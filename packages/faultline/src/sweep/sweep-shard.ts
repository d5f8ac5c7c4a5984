// A part of a sweep: `--shard 2/8` has every eighth point, beginning with the second.

/** The part `index` of `count`, from 1. */
export interface SweepShard {
  readonly index: number;
  readonly count: number;
}

/** Reads `i/n`; null where it is none. */
export function parseShard(text: string): SweepShard | null {
  const [, index = 0, count = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  return index >= 1 && index <= count ? { index, count } : null;
}

/** Whether a point belongs to a part. */
export function isInShard({ index, count }: SweepShard, point: number): boolean {
  return point % count === index - 1;
}
