// `npm run bench:predict`: prices of this machine's kernel, fitted to primitives, and what they say
// of composites that the machine then really runs.
import { writeFileSync } from "node:fs";
import { writeYaml } from "@faultline/diagnostics";
import { formatPredictions, type Skipped } from "./host/format-host.ts";
import { hostMeasurements, type PrimitiveSamples } from "./host/host-fit.ts";
import { describeHost, HostKernel } from "./host/host-kernel.ts";
import { readHostOptions } from "./host/host-options.ts";
import type { HostProgram } from "./host/host-program.ts";
import { COMPOSITES, PRIMITIVES } from "./host/host-programs.ts";
import { predictComposites } from "./host/predict-composites.ts";
import { ProgramSimulator } from "./host/simulated-program.ts";

const HELP = `usage: npm run bench:predict -- [--rounds N] [--measurements FILE] [--json]

Measures primitives on this machine's kernel, fits the profile of a host to them, simulates
composites at its prices, and runs the composites. Prints predicted, measured and error. Needs
Linux and a C compiler. All programs of a round run one after another, and rounds repeat.

  --rounds N           how often (default 15)
  --measurements FILE  write what was measured of the primitives, for \`faultline profiles fit\`
  --json               one JSON object of {host, rounds, residuals, remainders, predictions, …}

examples:
  npm run bench:predict
  npm run --silent bench:predict -- --measurements host.yaml --json > predictions.json
  npx --no-install faultline profiles fit host.yaml
`;

const options = readHostOptions(process.argv.slice(2));
switch (options.kind) {
  case "help":
    process.stdout.write(HELP);
    break;
  case "run":
    run(options.rounds, options.json, options.measurements);
    break;
  default: {
    const problem = options.kind === "problem" ? options.problem : "--only is not for predictions";
    process.stderr.write(`bench:predict: ${problem}\n\n${HELP}`);
    process.exitCode = 2;
  }
}

interface Sampled {
  readonly samples: readonly PrimitiveSamples[];
  readonly skipped: readonly Skipped[];
}

function run(rounds: number, json: boolean, file: string | null): void {
  const kernel = HostKernel.build();
  if (typeof kernel === "string") {
    process.stdout.write(
      json ? `${JSON.stringify({ skipped: kernel })}\n` : `skipped: ${kernel}\n`,
    );
    return;
  }
  try {
    const { samples, skipped } = sample(kernel, rounds);
    const isOf = (programs: readonly HostProgram[], { name }: PrimitiveSamples): boolean =>
      programs.some((program) => program.name === name);
    const host = describeHost();
    const primitives = samples.filter((one) => isOf(PRIMITIVES, one));
    const composites = samples.filter((one) => isOf(COMPOSITES, one));
    if (file !== null) writeFileSync(file, writeYaml(hostMeasurements(host, primitives)));
    const result = predictComposites(host, primitives, composites);
    process.stdout.write(
      json
        ? `${JSON.stringify({ host, rounds, ...result, skipped }, null, 2)}\n`
        : formatPredictions(host, rounds, result, skipped),
    );
  } finally {
    kernel.remove();
  }
}

/**
 * CPU times of every program, in rounds; the first round warms up and does not count. Each round
 * begins with the next program, so that none is always run after the same other one.
 */
function sample(kernel: HostKernel, rounds: number): Sampled {
  const programs = [...PRIMITIVES, ...COMPOSITES];
  const answers = Array.from({ length: rounds + 1 }, (_, round) => {
    if (round > 0) process.stderr.write(`round ${round} of ${rounds}\n`);
    const first = round % programs.length;
    return kernel.run([...programs.slice(first), ...programs.slice(0, first)]);
  }).slice(1);
  const simulator = new ProgramSimulator();
  const samples: PrimitiveSamples[] = [];
  const skipped: Skipped[] = [];
  for (const program of programs) {
    const own = answers.map((round) => round.find(({ name }) => name === program.name));
    const refused = own.find((answer) => answer?.isSkipped);
    if (refused?.isSkipped === true) {
      skipped.push({ name: program.name, reason: refused.reason });
      continue;
    }
    const { name, what } = program;
    const samplesUs = own.flatMap((one) => {
      return one === undefined || one.isSkipped ? [] : [one.cpuNs / 1000];
    });
    samples.push({ name, what, samplesUs, simulated: simulator.run(program) });
  }
  return { samples, skipped };
}
