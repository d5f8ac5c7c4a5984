// A figure of horizontal bars on a logarithmic scale, as SVG text: the same numbers give the same
// text. For the pages that are written from results.
const WIDTH = 760;
const LABEL = 300;
const NUMBER = 70;
const BAR = 14;
const GAP = 4;
const GROUP_GAP = 12;
const HEAD = 46;
const COLOURS = ["#0969da", "#bc4c00", "#1a7f37", "#8250df", "#bf3989", "#59636e"];

/** A figure with a title, and groups of bars below each other: `{ label, bars }`. */
export function barChart({ title, groups }) {
  const all = groups.flatMap(({ bars }) => bars.map(({ value }) => value));
  const floor = Math.min(...all) / 1.5;
  const span = Math.log(Math.max(...all) / floor);
  const names = [...new Set(groups.flatMap(({ bars }) => bars.map(({ name }) => name)))];
  const colourOf = (name) => COLOURS[names.indexOf(name) % COLOURS.length];
  const room = WIDTH - LABEL - NUMBER;
  let y = HEAD;
  const parts = groups.flatMap(({ label, bars }) => {
    const top = y;
    y += bars.length * (BAR + GAP) + GROUP_GAP;
    const middle = top + (bars.length * (BAR + GAP) - GAP) / 2;
    return [
      text(LABEL - 8, middle + 4, label, 'text-anchor="end" fill="#59636e"'),
      ...bars.flatMap(({ name, value, text: shown }, i) => {
        const width = Math.max(2, Math.round((Math.log(value / floor) / span) * room * 10) / 10);
        const at = top + i * (BAR + GAP);
        return [
          box(LABEL, at, width, BAR, colourOf(name)),
          text(LABEL + width + 5, at + BAR - 3, shown, 'fill="#59636e"'),
        ];
      }),
    ];
  });
  const legend = names.flatMap((name, i) => {
    const x = LABEL + i * 105;
    return [box(x, 26, 10, 10, colourOf(name)), text(x + 14, 35, name, 'fill="#59636e"')];
  });
  const head = text(8, 16, title, 'font-weight="bold" fill="#59636e"');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" role="img"` +
    ` font-family="sans-serif" font-size="11" viewBox="0 0 ${WIDTH} ${y}">\n` +
    `<title>${escape(title)}</title>\n${[head, ...legend, ...parts].join("\n")}\n</svg>\n`
  );
}

function box(x, y, width, height, colour) {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${colour}"/>`;
}

function text(x, y, content, attributes) {
  return `<text x="${x}" y="${y}" ${attributes}>${escape(content)}</text>`;
}

function escape(content) {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
