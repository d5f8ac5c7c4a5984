// A command line with what QEMU said about it. Compared are the verdict, the option that the
// message is about, and that ours names what QEMU's names; the words are our own.
import { readQemuMachine, type Refusal } from "@faultline/platform";
import type { GoldenCase } from "../golden/golden-report.ts";
import { isObject } from "../json-shape.ts";

/** The case of one row of the file, or what is wrong with the row. */
export function verdictCase(row: unknown): GoldenCase | string {
  if (!isObject(row)) return "must be an object";
  const { name, cmdline, accepted, crash, stderr } = row;
  if (typeof name !== "string" || typeof cmdline !== "string" || typeof stderr !== "string") {
    return "needs the texts `name`, `cmdline` and `stderr`";
  }
  if (typeof accepted !== "boolean") return `${name}: needs \`accepted\``;
  const verdict = accepted ? "starts" : crash === true ? "crashes" : "refuses";
  if (verdict !== "refuses") {
    return { name, expected: { verdict }, answer: () => readQemuMachine(cmdline, name) };
  }
  const said = readMessage(stderr, cmdline);
  const named = Object.fromEntries(said.names.map((one) => [one, true]));
  const option = said.option === null ? {} : { option: said.option };
  return {
    name,
    expected: { verdict, ...option, named },
    answer: () => {
      const { verdict: ours, refusals } = readQemuMachine(cmdline, name);
      const first = refusals.find(({ diagnostic }) => diagnostic.severity === "error");
      return { verdict: ours, option: first?.option, named: namesIn(first, said.names) };
    },
  };
}

interface Message {
  /** The option that the message starts with, if it does. */
  readonly option: string | null;
  /** Names in quotes that the command line has; numbers when no option is named. */
  readonly names: readonly string[];
}

function readMessage(stderr: string, commandLine: string): Message {
  const line = stderr.split("\n")[0] ?? "";
  const option = /^\S+: (-\S+ \S+): /.exec(line)?.[1] ?? null;
  const text = option === null ? line : line.slice(line.indexOf(option) + option.length);
  const quoted = [...text.matchAll(/'([^'-][^']*)'/g)].map((match) => match[1] ?? "");
  const known = quoted.filter((name) => commandLine.includes(name));
  const numbers = text.matchAll(/(?<![\w.])(?:0x[0-9a-f]+|\d+)(?![\w.]*\w)/g);
  return { option, names: option === null ? [...known, ...[...numbers].map(String)] : known };
}

function namesIn(refusal: Refusal | undefined, names: readonly string[]): Record<string, boolean> {
  const { message = "", hint = "" } = refusal?.diagnostic ?? {};
  const text = `${message} ${hint} ${refusal?.option ?? ""}`;
  return Object.fromEntries(names.map((name) => [name, text.includes(name)]));
}
