// Logarithm and exponential by + - * / alone, which IEEE 754 rounds the same way on every machine;
// Math.log and Math.exp may differ in their last bit. For tables made once, not for hot paths.

/** The natural logarithm of 2. */
export const LN_2: number = 2 * inverseTanh(1 / 3);

/** The natural logarithm of a positive number, within 1e-14 of its size or of 1. */
export function seriesLog(value: number): number {
  let rest = value;
  let doublings = 0;
  for (; rest > 1.5; doublings++) rest /= 2;
  for (; rest < 0.75; doublings--) rest *= 2;
  return doublings * LN_2 + 2 * inverseTanh((rest - 1) / (rest + 1));
}

/** e to a power from -700 to 700, within 1e-12 of its size. */
export function seriesExp(power: number): number {
  const halvings = Math.floor(power / LN_2);
  const rest = power - halvings * LN_2;
  let term = 1;
  let sum = 1;
  for (let i = 1; i < 30; i++) {
    term = (term * rest) / i;
    sum += term;
  }
  const step = halvings < 0 ? 0.5 : 2;
  for (let i = Math.abs(halvings); i > 0; i--) sum *= step;
  return sum;
}

// The sum of x^k / k over odd k; the argument is at most 1/3 here, so that 20 terms are enough.
function inverseTanh(x: number): number {
  let power = x;
  let sum = 0;
  for (let k = 1; k < 41; k += 2) {
    sum += power / k;
    power *= x * x;
  }
  return sum;
}
