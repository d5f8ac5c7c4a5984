// `npm run bench`: times the simulator's own operations and prints a table, or JSON with --json.
// Each benchmark runs in a process of its own, so that one's garbage and compiled code cannot tilt
// the next.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureHost } from "./host.ts";
import { measure } from "./measure.ts";
import { formatMeasurements } from "./format-measurements.ts";
import { SUITE } from "./suite.ts";
import type { Measurement } from "./workload.ts";

const HELP = `usage: npm run bench -- [--json] [--filter TEXT] [--no-host]

Times the operations of the simulator on a 1 GiB address space.

  --json         one JSON array of {name, unit, value, p99, bytesPerPage?, hostNs?, hostRatio?}
  --filter TEXT  only benchmarks whose name contains TEXT
  --no-host      do not measure this machine's own kernel for comparison

examples:
  npm run bench
  npm run bench -- --json > bench.json
  npm run bench -- --filter cow/
`;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    filter: { type: "string", default: "" },
    "no-host": { type: "boolean", default: false },
    only: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else if (values.only !== undefined) measureOne(values.only);
else measureAll(values.filter, values.json, !values["no-host"]);

/** The child's side: one benchmark, its measurement as JSON. */
function measureOne(name: string): void {
  const entry = SUITE.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new Error(`no benchmark ${name}`);
  process.stdout.write(JSON.stringify(measure(entry.create())));
}

function measureAll(filter: string, asJson: boolean, withHost: boolean): void {
  const chosen = SUITE.filter(({ name }) => name.includes(filter));
  const host = withHost ? measureHost() : { note: "", costs: new Map<string, number>() };
  if (host.note !== "") process.stderr.write(`${host.note}\n`);
  const measurements = chosen.map(({ name }, i) => {
    process.stderr.write(`[${i + 1}/${chosen.length}] ${name}\n`);
    return withHostRatio(runChild(name), host.costs);
  });
  const text = asJson
    ? `${JSON.stringify(measurements, null, 2)}\n`
    : formatMeasurements(measurements);
  process.stdout.write(text);
}

function runChild(name: string): Measurement {
  const script = fileURLToPath(import.meta.url);
  const child = spawnSync(process.execPath, ["--expose-gc", script, "--only", name], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.status !== 0) throw new Error(`benchmark failed: ${name}`);
  return JSON.parse(child.stdout) as Measurement;
}

function withHostRatio(measured: Measurement, costs: ReadonlyMap<string, number>): Measurement {
  const hostNs = costs.get(measured.name);
  if (hostNs === undefined) return measured;
  return { ...measured, hostNs, hostRatio: hostNs / measured.value };
}
