// The same piece of work for many inputs, in several workers at once. What comes out does not
// depend on how many there are: every input is run by itself.
import { availableParallelism } from "node:os";
import { InvalidArgumentError, Option } from "commander";

/** What a worker runs: an exported function of a module. */
export interface Job<I, O> {
  /** The address of the module. From sources, which no worker can load, it runs in this thread. */
  readonly module: string;
  readonly run: (input: I) => O | Promise<O>;
}

/**
 * The address of a job's module, from the address of the file that its code is in: bundled, they
 * are two files of one folder, and only the first exports by name.
 */
export function jobModule(name: string, code: string): string {
  return new URL(`./${name}${code.slice(code.lastIndexOf("."))}`, code).href;
}

/** How jobs are run. */
export interface JobsOptions<O> {
  readonly nrWorkers: number;
  /** Told of each result as it comes; returns whether to go on. */
  readonly onResult: (result: O, index: number) => boolean;
  /** What stands for the result of a job that threw. @defaultValue `runJobs` throws it on */
  readonly onError?: (error: unknown, index: number) => O;
}

/** Runs a job for every input. */
export async function runJobs<I, O>(
  { module, run }: Job<I, O>,
  inputs: readonly I[],
  { nrWorkers, onResult, onError }: JobsOptions<O>,
): Promise<void> {
  const resultOf = async (index: number, done: () => O | Promise<O>): Promise<O> => {
    try {
      return await done();
    } catch (error) {
      if (onError === undefined) throw error;
      return onError(error, index);
    }
  };
  if (nrWorkers <= 1 || inputs.length <= 1 || module.endsWith(".ts")) {
    for (const [index, input] of inputs.entries()) {
      if (!onResult(await resultOf(index, () => run(input)), index)) return;
      // Signals are heard between two turns of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return;
  }
  const { Tinypool } = await import("tinypool");
  const nrThreads = Math.min(nrWorkers, inputs.length);
  const pool = new Tinypool({ filename: module, minThreads: nrThreads, maxThreads: nrThreads });
  let next = 0;
  let goesOn = true;
  const feed = async (): Promise<void> => {
    while (goesOn && next < inputs.length) {
      const index = next++;
      const done = (): Promise<O> => pool.run(inputs[index], { name: run.name }) as Promise<O>;
      const result = await resultOf(index, done);
      // What is under way at a stop still has its result.
      if (!onResult(result, index)) goesOn = false;
    }
  };
  await Promise.all(Array.from({ length: nrThreads }, feed));
  await pool.destroy();
}

/** The option that says how many workers there are: `--jobs N`. */
export function jobsOption(): Option {
  return jobsOptionOf("").default(availableParallelism(), "as many as CPUs");
}

/** The same without a default, for who knows better how many are of use. */
export function usefulJobsOption(): Option {
  return jobsOptionOf(" (default: as many as are of use)");
}

function jobsOptionOf(more: string): Option {
  const about = `workers at once; results do not depend on it${more}`;
  return new Option("-j, --jobs <n>", about).argParser((text: string) => {
    if (/^[1-9][0-9]{0,2}$/.test(text)) return Number(text);
    throw new InvalidArgumentError("a number of workers is a whole number of 1 to 999.");
  });
}
