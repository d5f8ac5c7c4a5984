// SVG as text: elements with attributes, escaped. Numbers have one digit after the point, so that a
// figure is the same text on every machine.

/** What an attribute may be; undefined leaves it out. */
export type SvgValue = string | number | undefined;

/** One element. Children are elements that are text already. */
export function svg(
  name: string,
  attributes: Readonly<Record<string, SvgValue>>,
  ...children: readonly string[]
): string {
  const parts = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeText(show(value))}"`],
  );
  const head = `<${name}${parts.join("")}`;
  return children.length === 0 ? `${head}/>` : `${head}>${children.join("")}</${name}>`;
}

/** Text as it may stand between tags and in attributes. */
export function escapeText(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** A number of a path or a coordinate. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function show(value: string | number): string {
  return typeof value === "number" ? String(round(value)) : value;
}
