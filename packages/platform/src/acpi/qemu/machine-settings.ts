// `-machine`, `-m` and `-smp`: what kind of machine, how much memory, how many CPUs.
import { CPU_LEVELS, type CpuTopology, ONE_CPU, readCpuTopology } from "./cpu-topology.ts";
import type { QemuOption } from "./option-list.ts";
import { OptionReader, parseQemuSize } from "./option-reader.ts";
import type { QemuMachineType } from "./qemu-machine.ts";
import type { RefusalList } from "./refusals.ts";

/** A fixed window of CXL memory as it was written. */
export interface WindowSettings {
  readonly index: number;
  readonly option: QemuOption;
  /** Ids of host bridges. */
  readonly targets: readonly string[];
  readonly sizeBytes: bigint;
  readonly granularityBytes: number;
}

/** What these options say. */
export interface MachineSettings {
  /** `none` has no board at all. */
  readonly type: QemuMachineType | "none";
  readonly hasAcpi: boolean;
  readonly hasHmat: boolean;
  readonly hasCxl: boolean;
  readonly windows: readonly WindowSettings[];
  readonly ramBytes: bigint;
  readonly maxRamBytes: bigint;
  readonly nrSlots: number;
  readonly topology: CpuTopology;
}

const DEFAULT_RAM_BYTES = 128n << 20n;
const CXL_WINDOW_UNIT = 256n << 20n;
const typePatterns: readonly (readonly [RegExp, QemuMachineType | "none"])[] = [
  [/^(?:q35|pc-q35-\d+\.\d+)$/, "q35"],
  [/^(?:pc|pc-i440fx-\d+\.\d+)$/, "i440fx"],
  [/^(?:virt|virt-\d+\.\d+)$/, "virt"],
  [/^none$/, "none"],
];

/** Reads the options; null when the machine is of no type that is modelled. */
export function readMachineSettings(
  options: readonly QemuOption[],
  program: string,
  refusals: RefusalList,
): MachineSettings | null {
  const named = (name: string): QemuOption[] => options.filter((option) => option.name === name);
  const machines = named("machine");
  const type = machineType(machines, program, refusals);
  if (type === null) return null;
  const flag = (key: string, otherwise: boolean): boolean =>
    machines.reduce(
      (value, option) => new OptionReader(option, "machine", refusals).flag(key, value),
      otherwise,
    );
  const hasNoAcpi = named("no-acpi").length > 0;
  return {
    type,
    hasAcpi: flag("acpi", !hasNoAcpi),
    hasHmat: flag("hmat", false),
    hasCxl: flag("cxl", false),
    windows: readWindows(machines, refusals),
    ...readMemory(named("m"), refusals),
    topology: readTopology(named("smp"), refusals),
  };
}

function machineType(
  machines: readonly QemuOption[],
  program: string,
  refusals: RefusalList,
): QemuMachineType | "none" | null {
  const found = machines.flatMap((option) =>
    option.parameters.filter(({ key }) => key === "type").map((at) => ({ option, at })),
  );
  const last = found.at(-1);
  if (last === undefined) {
    if (!/aarch64|arm/.test(program)) return "i440fx";
    refusals.add(null, "E_QEMU_REFUSES", "machine: no type, and this program has no default", {
      hint: "-M virt",
    });
    return null;
  }
  const { value } = last.at;
  const known = typePatterns.find(([pattern]) => pattern.test(value));
  if (known !== undefined) return known[1];
  const hint = "machine types that are modelled: q35, pc, virt, and their versions";
  const message = `machine: unknown type ${value}`;
  refusals.add(last.option, "E_QEMU_UNKNOWN", message, { at: last.at, hint });
  return null;
}

/** Collects `cxl-fmw.N.…` of all machine options. */
function readWindows(machines: readonly QemuOption[], refusals: RefusalList): WindowSettings[] {
  interface Draft {
    option: QemuOption;
    targets: Map<number, string>;
    sizeBytes: bigint | null;
    granularityBytes: number;
  }
  const drafts = new Map<number, Draft>();
  for (const option of machines) {
    for (const parameter of option.parameters) {
      const match = /^cxl-fmw\.(\d+)\.(?:targets\.(\d+)|(.*))$/.exec(parameter.key);
      if (match === null) continue;
      const [, number = "", target, field = ""] = match;
      const index = Number(number);
      const fresh = { option, targets: new Map(), sizeBytes: null, granularityBytes: 256 };
      const draft: Draft = drafts.get(index) ?? fresh;
      drafts.set(index, draft);
      const bytes = parseQemuSize(parameter.value);
      if (target !== undefined) draft.targets.set(Number(target), parameter.value);
      else if (field === "size") draft.sizeBytes = bytes;
      else if (field === "interleave-granularity") draft.granularityBytes = Number(bytes ?? 0n);
      else {
        const message = `cxl-fmw.${index}: unknown parameter '${field}'`;
        refusals.add(option, "E_QEMU_OPTION", message, { at: parameter });
      }
    }
  }
  const sorted = [...drafts].sort(([a], [b]) => a - b);
  return sorted.map(([index, { option, targets, sizeBytes, granularityBytes }]) => {
    const report = (code: "E_QEMU_OPTION" | "E_QEMU_REFUSES", problem: string): void =>
      refusals.add(option, code, `cxl-fmw.${index}: ${problem}`);
    if (targets.size === 0) report("E_QEMU_OPTION", "missing parameter 'targets'");
    if (sizeBytes === null) report("E_QEMU_OPTION", "missing parameter 'size'");
    else if (sizeBytes % CXL_WINDOW_UNIT !== 0n) {
      report("E_QEMU_REFUSES", "its size is no multiple of 256 MiB");
    }
    if (![1, 2, 3, 4, 6, 8, 12, 16].includes(targets.size)) {
      report("E_QEMU_REFUSES", `cannot interleave over ${targets.size} targets`);
    }
    const isPowerOfTwo = (granularityBytes & (granularityBytes - 1)) === 0;
    if (!isPowerOfTwo || granularityBytes < 256 || granularityBytes > 16384) {
      report("E_QEMU_REFUSES", `cannot interleave by ${granularityBytes} bytes`);
    }
    const names = [...targets].sort(([a], [b]) => a - b).map(([, name]) => name);
    return { index, option, targets: names, sizeBytes: sizeBytes ?? 0n, granularityBytes };
  });
}

function readMemory(
  options: readonly QemuOption[],
  refusals: RefusalList,
): Pick<MachineSettings, "ramBytes" | "maxRamBytes" | "nrSlots"> {
  const read = { ramBytes: DEFAULT_RAM_BYTES, maxRamBytes: 0n, nrSlots: 0 };
  for (const option of options) {
    const reader = new OptionReader(option, "memory", refusals);
    reader.onlyKnows(["size", "slots", "maxmem"]);
    read.ramBytes = reader.size("size", "M") ?? read.ramBytes;
    read.maxRamBytes = reader.size("maxmem") ?? read.maxRamBytes;
    read.nrSlots = reader.integer("slots") ?? read.nrSlots;
    const hasMost = reader.parameter("maxmem") !== undefined;
    if (hasMost && read.maxRamBytes < read.ramBytes) {
      reader.refuse("maxmem is less than the memory at the start", { key: "maxmem" });
    } else if (read.nrSlots > 0 && read.maxRamBytes === read.ramBytes) {
      reader.refuse("slots without memory for them: maxmem is the memory at the start", {
        key: "slots",
      });
    } else if (read.nrSlots > 0 && !hasMost && read.maxRamBytes === 0n) {
      reader.refuse("slots need maxmem", { key: "slots" });
    }
  }
  if (read.maxRamBytes < read.ramBytes) read.maxRamBytes = read.ramBytes;
  return read;
}

function readTopology(options: readonly QemuOption[], refusals: RefusalList): CpuTopology {
  const option = options.at(-1);
  if (option === undefined) return ONE_CPU;
  return readCpuTopology(new OptionReader(option, "smp", refusals)) ?? ONE_CPU;
}

/** The properties of `-numa cpu` that choose CPUs, with the level each is about. */
export const CPU_PROPERTIES: ReadonlyMap<string, (typeof CPU_LEVELS)[number]> = new Map(
  CPU_LEVELS.map((level) => [`${level.slice(0, -1)}-id`, level]),
);
