// This machine's own kernel: native/host.c, built when a compiler is there, and asked to run
// programs.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HostProgram } from "./host-program.ts";
import { type HostAnswer, parseHostAnswer } from "./parse-host-answer.ts";

const COMPILERS = ["cc", "gcc", "clang"];
/** Nodes with memory, as `0` or `0-3,8`. */
const NODES = "/sys/devices/system/node/has_memory";
const HUGE_PAGES = "/sys/kernel/mm/transparent_hugepage/enabled";

/** The built program. */
export class HostKernel {
  readonly path: string;
  private readonly folder: string | null;

  /** @param path one that is built already, by whoever removes it. */
  private constructor(path: string, folder: string | null) {
    this.path = path;
    this.folder = folder;
  }

  /** Builds it; a text says why that cannot be. */
  static build(): HostKernel | string {
    if (process.platform !== "linux") return `no Linux: ${process.platform}`;
    const compiler = COMPILERS.find((name) => spawnSync(name, ["--version"]).status === 0);
    if (compiler === undefined) return `no C compiler (${COMPILERS.join(", ")})`;
    const folder = mkdtempSync(join(tmpdir(), "faultline-host-"));
    const source = fileURLToPath(new URL("../../native/host.c", import.meta.url));
    const path = join(folder, "host");
    const built = spawnSync(compiler, ["-O2", "-Wall", "-o", path, source], { encoding: "utf8" });
    if (built.status === 0) return new HostKernel(path, folder);
    rmSync(folder, { recursive: true });
    return `${compiler} failed: ${built.stderr.trim()}`;
  }

  /** One that somebody else has built. */
  static at(path: string): HostKernel {
    return new HostKernel(path, null);
  }

  /** Runs programs, one after another, once each. */
  run(programs: readonly HostProgram[]): HostAnswer[] {
    const refused = programs.map(({ needs }) => (needs === undefined ? null : missing(needs)));
    const runnable = programs.filter((_, n) => refused[n] === null);
    const input = runnable.map(({ name, steps }) => `${name} ${steps}\n`).join("");
    const ran = spawnSync(this.path, { input, encoding: "utf8" });
    if (ran.status !== 0) throw new Error(`the host's program failed: ${ran.stderr}`);
    const lines = ran.stdout.split("\n").filter((line) => line !== "");
    const answers = lines.map(parseHostAnswer);
    return programs.map(({ name }, n): HostAnswer => {
      const reason = refused[n] ?? "no answer";
      const answer = answers.find((one) => one.name === name);
      return answer ?? { name, isSkipped: true, reason };
    });
  }

  remove(): void {
    if (this.folder !== null) rmSync(this.folder, { recursive: true });
  }
}

/** The machine in words: what a number of it has to say of where it comes from. */
export function describeHost(): string {
  const [first] = cpus();
  const model = first?.model.trim() ?? "unknown CPU";
  const version = /^\d+(?:\.\d+)*/.exec(release())?.[0] ?? release();
  return `Linux ${version}, ${cpus().length} CPUs (${model})`;
}

/** Why a machine cannot run something; null when it can. */
function missing(needs: NonNullable<HostProgram["needs"]>): string | null {
  if (needs === "two nodes") {
    return missingNode(existsSync(NODES) ? readFileSync(NODES, "utf8").trim() : null);
  }
  const isThere = existsSync(HUGE_PAGES) && !readFileSync(HUGE_PAGES, "utf8").includes("[never]");
  return isThere ? null : "transparent huge pages are off";
}

/**
 * Why pages cannot move from node 0 to node 1.
 * @param nodes those with memory, as the kernel lists them; null where it knows of none.
 */
export function missingNode(nodes: string | null): string | null {
  if (nodes === null) return "the kernel knows no NUMA nodes";
  const has = (node: number): boolean =>
    nodes.split(",").some((range) => {
      const [first = NaN, last = first] = range.split("-").map(Number);
      return first <= node && node <= last;
    });
  if (has(0) && has(1)) return null;
  return `needs memory on NUMA nodes 0 and 1, and the machine has it on ${nodes}`;
}
