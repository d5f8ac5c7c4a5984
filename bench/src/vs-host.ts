// `npm run bench:vs-host`: the same operations on this machine's kernel and in the simulator, in
// turns. Each operation has a process of its own, so that one's compiled code cannot tilt the next.
import { compareHost, type HostComparison } from "./host/compare-host.ts";
import { formatComparisons } from "./host/format-host.ts";
import { describeHost, HostKernel } from "./host/host-kernel.ts";
import { readHostOptions } from "./host/host-options.ts";
import { OPERATIONS } from "./host/host-programs.ts";
import { runChild } from "./run-child.ts";

const HELP = `usage: npm run bench:vs-host -- [--rounds N] [--json]

Runs operations on this machine's own kernel and in the simulator, in turns, and prints how many
times longer the kernel takes: median and quartiles of the rounds. Needs Linux and a C compiler.

  --rounds N  how often (default 15)
  --json      one JSON object of {host, rounds, comparisons} or {skipped}

examples:
  npm run bench:vs-host
  npm run --silent bench:vs-host -- --rounds 50 --json > ratios.json
`;

const options = readHostOptions(process.argv.slice(2));
switch (options.kind) {
  case "help":
    process.stdout.write(HELP);
    break;
  case "problem":
    process.stderr.write(`bench:vs-host: ${options.problem}\n\n${HELP}`);
    process.exitCode = 2;
    break;
  case "one": {
    // The child's side: one operation, its times as JSON.
    const program = OPERATIONS.find(({ name }) => name === options.name);
    if (program === undefined) throw new Error(`no operation ${options.name}`);
    const comparison = compareHost(HostKernel.at(options.hostPath), program, options.rounds);
    process.stdout.write(JSON.stringify(comparison));
    break;
  }
  case "run":
    run(options.rounds, options.json);
    break;
}

function run(rounds: number, json: boolean): void {
  const host = HostKernel.build();
  if (typeof host === "string") {
    process.stdout.write(json ? `${JSON.stringify({ skipped: host })}\n` : `skipped: ${host}\n`);
    return;
  }
  try {
    const comparisons = OPERATIONS.map(({ name }, n) => {
      process.stderr.write(`[${n + 1}/${OPERATIONS.length}] ${name}\n`);
      const args = ["--rounds", String(rounds), "--host", host.path];
      return runChild<HostComparison>(import.meta.url, name, args);
    });
    const result = { host: describeHost(), rounds, comparisons };
    process.stdout.write(
      json
        ? `${JSON.stringify(result, null, 2)}\n`
        : formatComparisons(result.host, rounds, comparisons),
    );
  } finally {
    host.remove();
  }
}
