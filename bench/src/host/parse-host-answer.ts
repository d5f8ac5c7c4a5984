// What native/host.c answers: `NAME WALL CPU`, both in ns, or `NAME skipped REASON`.

/** The time of a program's timed part, or why it did not run. */
export type HostAnswer =
  | {
      readonly name: string;
      readonly isSkipped: false;
      readonly wallNs: number;
      /** Of the process and its child; less than the wall's time where others had the CPU. */
      readonly cpuNs: number;
    }
  | { readonly name: string; readonly isSkipped: true; readonly reason: string };

/** Reads one line. */
export function parseHostAnswer(line: string): HostAnswer {
  const [, name = "", rest = ""] = /^(\S+) (.*)$/.exec(line) ?? [];
  const reason = /^skipped (.+)$/.exec(rest)?.[1];
  if (reason !== undefined) return { name, isSkipped: true, reason };
  const [, wall, cpu] = /^(\d+) (\d+)$/.exec(rest) ?? [];
  if (wall === undefined || cpu === undefined) throw new Error(`no answer of the host: ${line}`);
  return { name, isSkipped: false, wallNs: Number(wall), cpuNs: Number(cpu) };
}
