// A page that stands alone: the style is in it, and it asks nothing of any network.
import { escapeText } from "../figure/svg.ts";
import { element } from "./html.ts";
import { REPORT_STYLE } from "./report-style.ts";

/** Nothing may be loaded; the style is in the page. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** A page with a title; `body` is markup already. */
export function htmlPage(title: string, body: readonly string[]): string {
  const head = [
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    element("title", {}, escapeText(`${title} – Faultline`)),
    `<style>\n${REPORT_STYLE}</style>`,
  ];
  return [
    "<!doctype html>",
    '<html lang="en">',
    `<head>\n${head.join("\n")}\n</head>`,
    `<body>\n${body.join("\n")}\n</body>`,
    "</html>",
    "",
  ].join("\n");
}
