// Sizes and times as NVIDIA's profilers print them: the unit glued to the number.

const TIME_US: Readonly<Record<string, number>> = { ns: 1e-3, us: 1, ms: 1e3, s: 1e6 };
const SIZE_POWERS: Readonly<Record<string, number>> = { B: 0, KB: 1, MB: 2, GB: 3, TB: 4 };

/** Microseconds of `1.632346s` or `91.07200us`; null for what is none. */
export function parseTimeUs(text: string): number | null {
  const [, number = "", unit = ""] = /^([0-9]+(?:\.[0-9]+)?)(ns|us|ms|s)$/u.exec(text) ?? [];
  return number === "" ? null : Number(number) * (TIME_US[unit] ?? 1);
}

/**
 * Bytes of `57.669KB` or `4.470348GB`; null for what is none.
 * @param base 1024 or 1000: the tools do not say which one they mean.
 */
export function parseSize(text: string, base: number): number | null {
  const [, number = "", unit = ""] = /^([0-9]+(?:\.[0-9]+)?)(B|KB|MB|GB|TB)$/u.exec(text) ?? [];
  return number === "" ? null : Number(number) * base ** (SIZE_POWERS[unit] ?? 0);
}
