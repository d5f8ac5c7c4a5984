// A command line as words, the way a POSIX shell splits it. Expansion is left out: a dollar sign is
// an ordinary character.

/** A word, and where it stands. */
export interface CommandWord {
  /** Without its quotes. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** No quotes or backslashes: an offset in `text` is an offset from `start`. */
  readonly isPlain: boolean;
}

/** Splits at blanks; a quote that is not closed reaches to the end. */
export function splitWords(line: string): CommandWord[] {
  const words: CommandWord[] = [];
  const piece = /'([^']*)'?|"((?:\\[^]|[^"\\])*)"?|\\(\n|[^])?|([^\s'"\\]+)/y;
  for (let at = 0; at < line.length; ) {
    if (/\s/.test(line.charAt(at))) {
      at++;
      continue;
    }
    const start = at;
    let [text, isPlain, isWord] = ["", true, false];
    for (piece.lastIndex = at; ; at = piece.lastIndex) {
      const match = piece.exec(line);
      if (match === null) break;
      const [whole, single, double, escaped, plain] = match;
      const isContinuation = whole === "\\\n";
      isPlain &&= plain !== undefined;
      isWord ||= !isContinuation;
      text += plain ?? single ?? double?.replaceAll(/\\(["\\$`])/g, "$1") ?? "";
      if (escaped !== undefined && !isContinuation) text += escaped;
    }
    if (isWord) words.push({ text, start, end: at, isPlain });
  }
  return words;
}
