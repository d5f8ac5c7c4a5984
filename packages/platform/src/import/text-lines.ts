// Lines of a text and their cells, with where they stand. Tools separate cells by tabs, or by two
// blanks and more.

/** Part of a line. */
export interface TextCell {
  readonly text: string;
  /** Offsets in the file. */
  readonly start: number;
  readonly end: number;
}

/** One line; its cells know where they stand. */
export interface TextLine extends TextCell {
  readonly cells: readonly TextCell[];
}

/** Every line of a text. */
export function textLines(text: string): TextLine[] {
  const lines: TextLine[] = [];
  for (const { 0: line, index } of text.matchAll(/[^\n]*(?:\n|$)/g)) {
    const body = line.replace(/\r?\n$/, "");
    if (line === "" && index === text.length) break;
    lines.push({ text: body, start: index, end: index + body.length, cells: cellsOf(body, index) });
  }
  return lines;
}

function cellsOf(line: string, start: number): TextCell[] {
  const cell = line.includes("\t") ? /[^\t]+/g : /\S+(?: \S+)*/g;
  return [...line.matchAll(cell)].flatMap(({ 0: found, index }) => {
    const text = found.trim();
    if (text === "") return [];
    const at = start + index + found.indexOf(text);
    return [{ text, start: at, end: at + text.length }];
  });
}
