// `npm run bench:scale`: how cost and memory of the simulator grow with GPUs, pages and processes,
// beside what is expected. Each line has a process of its own. With --gib, one large address space.
import { readScaleOptions } from "./bench-options.ts";
import { runChild } from "./run-child.ts";
import { formatAxis, formatVerdict } from "./scale/format-axes.ts";
import { populate, populateSentence } from "./scale/populate.ts";
import { type MeasuredAxis, runAxis } from "./scale/run-axis.ts";

const HELP = `usage: npm run bench:scale -- [--full] [--filter TEXT] [--json]
       npm run bench:scale -- --gib N [--json]

Measures how cost per fault and memory per page grow with GPUs (1 to 256), pages (10^4 to 10^7)
and processes (1 to 1000), prints the expected curve beside each measured one, and a verdict.
Takes minutes; --full has 10^8 pages and needs 5 GiB of memory.

  --full         more points
  --filter TEXT  only lines whose name contains TEXT
  --gib N        write every 4 KiB page of N GiB instead
  --json         one JSON object of {axes}, or of {gib, pages, seconds, nsPerPage, hostGib,
                 peakRssGib, bytesPerPage}

examples:
  npm run bench:scale
  npm run bench:scale -- --filter gpus/
  npm run bench:scale -- --gib 1024
`;

const options = readScaleOptions(process.argv.slice(2));
switch (options.kind) {
  case "help":
    process.stdout.write(HELP);
    break;
  case "problem":
    process.stderr.write(`bench:scale: ${options.problem}\n\n${HELP}`);
    process.exitCode = 2;
    break;
  case "populate": {
    const result = populate(options.nrGib);
    process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : populateSentence(result));
    break;
  }
  case "one":
    // The child's side: one line, as JSON.
    process.stdout.write(JSON.stringify(runAxis(options.axis, options.full)));
    break;
  case "study": {
    const { chosen, full, json } = options;
    const axes = chosen.map(({ name }, n) => {
      process.stderr.write(`[${n + 1}/${chosen.length}] ${name}\n`);
      const measured = runChild<MeasuredAxis>(import.meta.url, name, full ? ["--full"] : []);
      if (!json) process.stdout.write(`${formatAxis(measured)}\n`);
      return measured;
    });
    process.stdout.write(json ? `${JSON.stringify({ axes }, null, 2)}\n` : formatVerdict(axes));
    break;
  }
}
