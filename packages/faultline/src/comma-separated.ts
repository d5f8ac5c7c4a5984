// Options that take several names with commas between them.

/** The names; what is empty between two commas is none. */
export function commaSeparated(text: string): string[] {
  return text.split(",").filter((name) => name !== "");
}
