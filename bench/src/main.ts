// `npm run bench`: times the simulator's own operations and prints a table, or JSON with --json.
// Each benchmark runs in a process of its own, so that one's garbage and compiled code cannot tilt
// the next.
import { readBenchOptions } from "./bench-options.ts";
import { formatMeasurements } from "./format-measurements.ts";
import { measureHost } from "./host/host-costs.ts";
import { measure } from "./measure.ts";
import { runChild } from "./run-child.ts";
import type { SuiteEntry } from "./suite.ts";
import type { Measurement } from "./workload.ts";

const HELP = `usage: npm run bench -- [--json] [--filter TEXT] [--no-host]

Times the operations of the simulator on a 1 GiB address space.

  --json         one JSON array of {name, unit, value, p99, bytesPerPage?, hostNs?, hostRatio?}
  --filter TEXT  only the calibration loop and benchmarks whose name contains TEXT
  --no-host      do not measure this machine's own kernel for comparison

examples:
  npm run bench
  npm run --silent bench -- --json > bench.json
  npm run bench -- --filter cow/
`;

const options = readBenchOptions(process.argv.slice(2));
switch (options.kind) {
  case "help":
    process.stdout.write(HELP);
    break;
  case "problem":
    process.stderr.write(`bench: ${options.problem}\n\n${HELP}`);
    process.exitCode = 2;
    break;
  case "one":
    // The child's side: one benchmark, its measurement as JSON.
    process.stdout.write(JSON.stringify(measure(options.entry.create())));
    break;
  case "all": {
    const measurements = measureAll(options.chosen, options.withHost);
    const text = options.json
      ? `${JSON.stringify(measurements, null, 2)}\n`
      : formatMeasurements(measurements);
    process.stdout.write(text);
    break;
  }
}

function measureAll(chosen: readonly SuiteEntry[], withHost: boolean): Measurement[] {
  const host = withHost ? measureHost() : { note: "", costs: new Map<string, number>() };
  if (host.note !== "") process.stderr.write(`${host.note}\n`);
  return chosen.map(({ name }, i) => {
    process.stderr.write(`[${i + 1}/${chosen.length}] ${name}\n`);
    return withHostRatio(runChild<Measurement>(import.meta.url, name, []), host.costs);
  });
}

function withHostRatio(measured: Measurement, costs: ReadonlyMap<string, number>): Measurement {
  const hostNs = costs.get(measured.name);
  if (hostNs === undefined) return measured;
  return { ...measured, hostNs, hostRatio: hostNs / measured.value };
}
