// A scenario that replays the accesses of a trace: a process and its memory for each one of the
// trace, a device for each GPU, and a workload for everybody who accesses.
import { writeYaml } from "@faultline/diagnostics";
import type { RecordedAccess } from "@faultline/platform";

/** What the scenario needs beside the accesses. */
export interface TraceScenarioOptions {
  readonly title: string;
  /** Where the accesses are, from the scenario's folder. */
  readonly csv: string;
  readonly profile: string;
  readonly notes: readonly string[];
}

const PAGE_BYTES = 4096;
const MIB = 2 ** 20;
const LEAST_MIB = 2048;
/** What all mappings of a scenario may have. */
const MOST_PAGES = 2 ** 22;
const THREADS_OF = "app";
const CPU = "cpu";

/** Somebody of the trace: `PROCESS/DEVICE`, `PROCESS/cpu`, or a thread of the one program. */
interface Accessor {
  readonly who: string;
  readonly process: string;
  /** Null for CPUs. */
  readonly device: string | null;
}

/** The scenario's text, or why there is none. */
export type TraceScenario = { readonly text: string } | { readonly problem: string };

/** Writes the scenario. */
export function traceScenario(
  accesses: readonly RecordedAccess[],
  { title, csv, profile, notes }: TraceScenarioOptions,
): TraceScenario {
  const accessors = [...new Set(accesses.map(({ who }) => who))].map(accessorOf);
  const processes = [...new Set(accessors.map(({ process }) => process))];
  const devices = [...new Set(accessors.flatMap(({ device }) => device ?? []))].toSorted();
  const usesDevice = (name: string): boolean =>
    accessors.some(({ process, device }) => process === name && device !== null);
  const withDevices = processes.filter(usesDevice);
  const pages = pagesOf(accesses);
  if (pages * processes.length > MOST_PAGES) {
    const all = `${processes.length} processes of ${pages} pages`;
    return { problem: `too large for a scenario: ${all}, of at most ${MOST_PAGES} together` };
  }
  const memoryMib = Math.ceil((2 * pages * processes.length * PAGE_BYTES) / MIB);
  const mapping = (process: string): string =>
    processes.length === 1 ? "memory" : `memory_of_${process}`;
  const isTogether = accessors.length > 1;
  const document = {
    version: 1,
    title,
    profile,
    machine: {
      nodes: [{ memory: `${Math.max(LEAST_MIB, memoryMib)}MiB`, cpus: [0] }],
      ...(devices.length === 0 ? {} : { devices: devices.map((name) => ({ name })) }),
    },
    processes: processes.map((name) => ({ name })),
    steps: [
      ...processes.map((process) => ({ do: "mmap", process, name: mapping(process), pages })),
      // What a device faults on was in system memory, as far as traces tell.
      ...withDevices.map((process) => ({ do: "write", process, at: mapping(process) })),
      ...accessors.map(({ who, process, device }) => ({
        do: "workload",
        process,
        ...(device === null ? {} : { device }),
        at: mapping(process),
        trace: csv,
        ...(isTogether ? { who, background: true } : {}),
      })),
      ...(isTogether ? [{ do: "wait" }] : []),
    ],
  };
  const untold = "whether a device's page had been written before is not in the file: by a CPU";
  const head = [...notes, ...(withDevices.length === 0 ? [] : [untold])]
    .map((note) => `# ${note}.\n`)
    .join("");
  return { text: head + writeYaml(document) };
}

function accessorOf(who: string): Accessor {
  const at = who.indexOf("/");
  if (at < 0) return { who, process: THREADS_OF, device: null };
  const [process, device] = [who.slice(0, at), who.slice(at + 1)];
  return {
    who,
    process: nameOf(process, "p"),
    device: device === CPU ? null : `gpu-${device.replaceAll(/[^A-Za-z0-9_-]/g, "_")}`,
  };
}

/** A name that scenarios allow: it begins with a letter. */
function nameOf(text: string, prefix: string): string {
  const cleaned = text.replaceAll(/[^A-Za-z0-9_-]/g, "_");
  return /^[A-Za-z]/.test(cleaned) ? cleaned : `${prefix}${cleaned}`;
}

/** How many pages are accessed, by whomever. */
function pagesOf(accesses: readonly RecordedAccess[]): number {
  const pages = new Set<number>();
  for (const { address, sizeBytes } of accesses) {
    const last = Math.floor((address + Math.max(1, sizeBytes) - 1) / PAGE_BYTES);
    for (let page = Math.floor(address / PAGE_BYTES); page <= last; page++) pages.add(page);
  }
  return pages.size;
}
