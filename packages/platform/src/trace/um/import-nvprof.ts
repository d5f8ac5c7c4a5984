// The unified-memory part of what `nvprof` prints at the end of a run: for each device a table of
// transfers and groups of faults, and one count of CPU faults.
import { SourceText } from "@faultline/diagnostics";
import { type MeasuredTimes, refusedTrace, type TraceImport } from "../trace-import.ts";
import { TraceProblems } from "../trace-problems.ts";
import { parseSize, parseTimeUs } from "./quantity.ts";

/** A row of the table; null where the tool prints a dash. */
interface Row {
  readonly name: string;
  readonly count: number;
  readonly avg: string | null;
  readonly min: string | null;
  readonly max: string | null;
  readonly total: string | null;
  readonly time: string | null;
}

interface Device {
  readonly name: string;
  readonly rows: Row[];
}

const DEVICE = /^\s*Device "(.*)"\s*$/u;
const HEAD = /^\s*Count\s+Avg Size\s+Min Size/u;
const CPU_FAULTS = /^\s*Total CPU Page faults:\s*([0-9]+)\s*$/u;
const ROW = /^\s*([0-9]+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S.*\S)\s*$/u;
const KEYS = ["avg", "min", "max", "total"] as const;
const NAMES = {
  hostToDevice: "Host To Device",
  deviceToHost: "Device To Host",
  gpuPageFaultGroups: "Gpu page fault groups",
} as const;

/** Reads the tables of every device. */
export function importNvprof(text: string, file: string): TraceImport {
  const reader = new NvprofReader(new SourceText(file, text));
  const { devices, cpuPageFaults, problems } = reader;
  if (devices.length === 0 && !problems.hasErrors) {
    const hint = 'the file is the part of nvprof\'s output that begins with `Device "…"`';
    problems.report(1, "no table of unified memory", { hint });
  }
  if (problems.hasErrors) return refusedTrace(problems.sorted());
  const base = unitBase(devices);
  const [first] = devices;
  const rowFacts = Object.entries(NAMES).map(([key, name]) => {
    return [key, factsOf(first?.rows.find((row) => row.name === name))];
  });
  return {
    accesses: null,
    times: devices.flatMap((device) => timesOf(device, base)),
    facts: {
      device: first?.name,
      devices: devices.map(({ name }) => name),
      ...Object.fromEntries(rowFacts),
      cpuPageFaults,
      unitBase: base,
    },
    accessNotes: [],
    notes: [
      `units of ${base}: count times average gives the total so`,
      "transfers overlap the groups of faults, so their times must not be added",
      "how many faults a group has is not in the file",
    ],
    diagnostics: problems.sorted(),
  };
}

class NvprofReader {
  readonly devices: Device[] = [];
  cpuPageFaults: number | null = null;
  readonly problems: TraceProblems;

  constructor(source: SourceText) {
    this.problems = new TraceProblems(source);
    for (let line = 1; line <= source.nrLines; line++) this.read(source.lineText(line), line);
  }

  private read(text: string, line: number): void {
    if (text.trim() === "" || text.startsWith("==") || HEAD.test(text)) return;
    const [, device] = DEVICE.exec(text) ?? [];
    const [, faults] = CPU_FAULTS.exec(text) ?? [];
    if (device !== undefined) this.devices.push({ name: device, rows: [] });
    else if (faults !== undefined) this.cpuPageFaults = Number(faults);
    else this.readRow(text, line);
  }

  private readRow(text: string, line: number): void {
    const rows = this.devices.at(-1)?.rows;
    const [, count = "", ...cells] = ROW.exec(text) ?? [];
    if (rows === undefined || count === "") {
      const hint = 'rows are a count, four sizes, a time and a name, below `Device "…"`';
      this.problems.report(line, "not a row of unified memory", { hint });
      return;
    }
    const [avg = "", min = "", max = "", total = "", time = "", name = ""] = cells;
    const sizes = { avg, min, max, total };
    const wrong = [
      ...KEYS.filter((key) => sizes[key] !== "-" && parseSize(sizes[key], 1) === null).map(
        (key) => sizes[key],
      ),
      ...(time !== "-" && parseTimeUs(time) === null ? [time] : []),
    ];
    for (const cell of wrong) {
      const at = text.indexOf(cell);
      const hint = "sizes are like 57.669KB, times like 485.5766ms";
      this.problems.report(line, `neither size nor time: ${cell}`, { hint }, at, at + cell.length);
    }
    const known = (cell: string): string | null => (cell === "-" ? null : cell);
    rows.push({
      name,
      count: Number(count),
      avg: known(avg),
      min: known(min),
      max: known(max),
      total: known(total),
      time: known(time),
    });
  }
}

/** A row without its dashes. */
function factsOf(row: Row | undefined): Record<string, unknown> | null {
  if (row === undefined) return null;
  const { name: _, ...cells } = row;
  return Object.fromEntries(Object.entries(cells).filter(([, cell]) => cell !== null));
}

/** The unit in which the tables agree with themselves best. */
function unitBase(devices: readonly Device[]): 1000 | 1024 {
  const off = (base: number): number => {
    const rows = devices.flatMap(({ rows: all }) => all);
    return rows.reduce((sum, { count, avg, total }) => {
      const product = count * (parseSize(avg ?? "", base) ?? 0);
      const whole = parseSize(total ?? "", base) ?? 0;
      return sum + Math.abs(product - whole) / Math.max(1, whole);
    }, 0);
  };
  return off(1000) < off(1024) ? 1000 : 1024;
}

function timesOf({ name: device, rows }: Device, base: number): MeasuredTimes[] {
  return rows.flatMap((row): MeasuredTimes[] => {
    const totalUs = parseTimeUs(row.time ?? "");
    if (totalUs === null || row.count === 0) return [];
    const facts = { samplesUs: [], totalUs, count: row.count, what: `${row.name} of ${device}` };
    if (row.name === NAMES.gpuPageFaultGroups) {
      return [{ ...facts, work: "batch", sizeBytes: 0, path: null }];
    }
    const isTo = row.name === NAMES.hostToDevice;
    if (!isTo && row.name !== NAMES.deviceToHost) return [];
    const sizeBytes = Math.round((parseSize(row.total ?? "", base) ?? 0) / row.count);
    if (sizeBytes === 0) return [];
    return [{ ...facts, work: "copy", sizeBytes, path: isTo ? "to_device" : "to_system" }];
  });
}
