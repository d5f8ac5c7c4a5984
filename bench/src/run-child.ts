// One measurement in a process of its own: the program starts itself again for it, and takes what
// it prints as JSON.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * What the child prints; its stderr is shown.
 * @param script the address of the program's file.
 * @param name what is measured, for the exception that tells of a child that failed.
 */
export function runChild<T>(script: string, name: string, args: readonly string[]): T {
  const line = ["--expose-gc", fileURLToPath(script), "--only", name, ...args];
  const child = spawnSync(process.execPath, line, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.status !== 0) throw new Error(`measurement failed: ${name}`);
  return JSON.parse(child.stdout) as T;
}
