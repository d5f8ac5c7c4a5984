// The same operations on this machine's own kernel: a C program, built when a compiler is there.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Cost of each operation in ns, by benchmark name, and a note when there is none. */
export interface HostCosts {
  readonly note: string;
  readonly costs: ReadonlyMap<string, number>;
}

const COMPILERS = ["cc", "gcc", "clang"];

/** Builds and runs the C program; without a compiler the costs are empty and the note says so. */
export function measureHost(): HostCosts {
  const compiler = COMPILERS.find((name) => spawnSync(name, ["--version"]).status === 0);
  if (compiler === undefined) {
    return { note: "host: skipped, no C compiler (cc, gcc or clang)", costs: new Map() };
  }
  const directory = mkdtempSync(join(tmpdir(), "faultline-host-"));
  try {
    return runHostProgram(compiler, directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function runHostProgram(compiler: string, directory: string): HostCosts {
  const source = fileURLToPath(new URL("../native/host.c", import.meta.url));
  const program = join(directory, "host");
  const built = spawnSync(compiler, ["-O2", "-Wall", "-o", program, source], { encoding: "utf8" });
  if (built.status !== 0) return { note: `host: ${built.stderr}`, costs: new Map() };
  const ran = spawnSync(program, { encoding: "utf8" });
  if (ran.status !== 0) return { note: `host: ${ran.stderr}`, costs: new Map() };
  const costs = new Map<string, number>();
  for (const line of ran.stdout.trim().split("\n")) {
    const [name, ns] = line.split(" ");
    if (name !== undefined && ns !== undefined) costs.set(name, Number(ns));
  }
  return { note: "", costs };
}
