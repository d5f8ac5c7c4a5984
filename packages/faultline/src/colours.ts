// Colours of the terminal, through Node's own styleText.
import { styleText } from "node:util";
import type { Colourise, Role } from "@faultline/diagnostics";
import type { ResultStyle } from "@faultline/scenario";

/** A style that styleText knows. */
type Style = Parameters<typeof styleText>[0];

/** Applies a style, or leaves the text alone. */
type Paint = (style: Style, text: string) => string;

const styles: Readonly<Record<Role, Style>> = {
  error: ["bold", "red"],
  warning: ["bold", "yellow"],
  info: ["bold", "blue"],
  place: "bold",
  code: "dim",
  gutter: "dim",
  caret: "red",
  hint: "cyan",
};

/** A painter for a stream that has colours or has none. */
function painter(hasColours: boolean): Paint {
  if (!hasColours) return (_style, text) => text;
  return (style, text) => styleText(style, text, { validateStream: false });
}

/** The colours of diagnostics on a stream that has colours or has none. */
export function diagnosticColours(hasColours: boolean): Colourise {
  const paint = painter(hasColours);
  return (role, text) => paint(styles[role], text);
}

/** The colours of a scenario's result on a stream that has colours or has none. */
export function resultStyle(hasColours: boolean): ResultStyle {
  const paint = painter(hasColours);
  return {
    strong: (text) => paint("bold", text),
    good: (text) => paint("green", text),
    bad: (text) => paint("red", text),
    dim: (text) => paint("dim", text),
  };
}
