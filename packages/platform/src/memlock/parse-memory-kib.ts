// Sizes as libvirt's XML has them: a number, and a unit that is KiB where nothing is said.

const BYTES: Readonly<Record<string, bigint>> = {
  b: 1n,
  bytes: 1n,
  k: 1n << 10n,
  kib: 1n << 10n,
  m: 1n << 20n,
  mib: 1n << 20n,
  g: 1n << 30n,
  gib: 1n << 30n,
  t: 1n << 40n,
  tib: 1n << 40n,
  kb: 10n ** 3n,
  mb: 10n ** 6n,
  gb: 10n ** 9n,
  tb: 10n ** 12n,
};

/** The size in KiB, rounded up; null when the text is no whole number or the unit is unknown. */
export function parseMemoryKib(text: string, unit: string = "KiB"): bigint | null {
  const bytesPerUnit = BYTES[unit.toLowerCase()];
  if (!/^\d{1,20}$/.test(text) || typeof bytesPerUnit !== "bigint") return null;
  return (BigInt(text) * bytesPerUnit + 1023n) >> 10n;
}
