// Numbers of profiles as people read them.

/** Five digits are more than any source gives. */
export function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
}
