// Examples at the end of a command's help.

/** One example: what it shows, and the command line after `faultline`. */
export interface CommandExample {
  readonly shows: string;
  readonly line: string;
}

/** The examples as text for `addHelpText("after", …)`. */
export function examplesText(examples: readonly CommandExample[]): string {
  const lines = examples.flatMap(({ shows, line }) => [`  # ${shows}`, `  faultline ${line}`]);
  return ["", "Examples:", ...lines].join("\n");
}
