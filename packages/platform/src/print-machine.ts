// A machine document as YAML text that loadMachine() reads.
import { stringify } from "yaml";
import type { MachineInput } from "./machine-schema.ts";

const WIDTH = 100;

/** The text of a document; `comment` becomes its first lines. */
export function printMachine(document: MachineInput, comment = ""): string {
  const lines = comment === "" ? [] : comment.trimEnd().split("\n");
  const head = lines.map((line) => `# ${line}\n`).join("");
  return head + stringify(document, { lineWidth: WIDTH, aliasDuplicateObjects: false });
}
