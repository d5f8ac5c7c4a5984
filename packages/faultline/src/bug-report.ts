// What a user sees when Faultline itself is wrong: one paragraph that can be pasted into a report.

/**
 * What to tell about an unexpected exception; with `isDebug` its stack follows.
 * @param file the one at which it happened, where the command was about several.
 */
export function bugReport(
  error: unknown,
  argv: readonly string[],
  version: string,
  isDebug: boolean,
  file?: string,
): string {
  const name = error instanceof Error ? error.name : "thrown value";
  const message = error instanceof Error ? error.message : String(error);
  const command = ["faultline", ...argv].map(quoted).join(" ");
  const where = file === undefined ? "" : ` in ${file}`;
  const lines = [
    `faultline: internal error${where}: ${name}: ${message.replaceAll(/\s+/g, " ")}`,
    `This is a bug in Faultline ${version} (Node ${process.versions.node}), not in your input.`,
    "Please report it with the files you used and this command, which repeats it:",
    `  ${command}`,
  ];
  if (!isDebug) lines.push("With --debug it also shows where it happened.");
  else if (error instanceof Error && error.stack !== undefined) lines.push("", error.stack);
  return `${lines.join("\n")}\n`;
}

function quoted(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
