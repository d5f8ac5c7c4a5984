// Whether the memory of every BAR can be where a machine document says it is.
import type { Diagnostic, DocumentPath, YamlSource } from "@faultline/diagnostics";
import { parseSizeBytes } from "./fields.ts";
import type { MachineDocument } from "./machine-schema.ts";
import { memoryRanges } from "./memory-ranges.ts";

interface PlacedBar {
  /** Function and BAR, in words. */
  readonly name: string;
  readonly path: DocumentPath;
  readonly start: bigint;
  readonly end: bigint;
}

/** Problems of the BARs of all functions. */
export function checkBars(yaml: YamlSource, document: MachineDocument): Diagnostic[] {
  const bars = document.functions.flatMap(({ name, bars: own }, f) =>
    own.map(({ index, address, size }, b): PlacedBar => {
      const start = BigInt(address);
      const path = ["functions", f, "bars", b];
      return { name: `BAR ${index} of ${name}`, path, start, end: start + parseSizeBytes(size) };
    }),
  );
  return [
    ...bars.flatMap((bar) => shapeProblems(yaml, bar)),
    ...bars.flatMap((bar) => memoryProblems(yaml, document, bar)),
    ...bars.flatMap((bar) => reachProblems(yaml, document, bar)),
    ...overlaps(yaml, bars),
    ...indexProblems(yaml, document),
  ];
}

function shapeProblems(yaml: YamlSource, { path, start, end }: PlacedBar): Diagnostic[] {
  const size = end - start;
  if ((size & (size - 1n)) !== 0n) {
    const message = `the size is no power of two: ${size} bytes`;
    return [yaml.diagnostic([...path, "size"], "E_MACHINE_BAR", message)];
  }
  if (start % size === 0n) return [];
  const message = `not aligned to its size: ${hex(start)}`;
  const hint = `the nearest place below is ${hex(start - (start % size))}`;
  return [yaml.diagnostic([...path, "address"], "E_MACHINE_BAR", message, { hint })];
}

function memoryProblems(
  yaml: YamlSource,
  document: MachineDocument,
  { name, path, start, end }: PlacedBar,
): Diagnostic[] {
  const hit = memoryRanges(document).find(
    (ram) => ram !== undefined && start < ram.end && ram.start < end,
  );
  if (hit === undefined) return [];
  const message = `${name} overlaps system memory at ${hex(start)}`;
  const hint = `system memory is from ${hex(hit.start)} to ${hex(hit.end)}`;
  return [yaml.diagnostic([...path, "address"], "E_MACHINE_BAR", message, { hint })];
}

function reachProblems(
  yaml: YamlSource,
  { cpu }: MachineDocument,
  { name, path, end }: PlacedBar,
): Diagnostic[] {
  const bits = cpu.physical_bits;
  if (bits === undefined || end <= 1n << BigInt(bits)) return [];
  const message = `${name} ends at ${hex(end)}, where no address reaches`;
  const hint = `physical addresses have ${bits} bits`;
  return [yaml.diagnostic([...path, "address"], "E_MACHINE_BAR", message, { hint })];
}

function overlaps(yaml: YamlSource, bars: readonly PlacedBar[]): Diagnostic[] {
  const sorted = bars.toSorted((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  const found: Diagnostic[] = [];
  let reaching = sorted[0];
  for (const bar of sorted.slice(1)) {
    if (reaching !== undefined && bar.start < reaching.end) {
      const message = `${bar.name} overlaps ${reaching.name}`;
      const related = { path: [...reaching.path, "address"], message: `${reaching.name} is here` };
      const path = [...bar.path, "address"];
      found.push(yaml.diagnostic(path, "E_MACHINE_BAR", message, { related }));
    }
    if (reaching === undefined || bar.end > reaching.end) reaching = bar;
  }
  return found;
}

function indexProblems(yaml: YamlSource, { functions }: MachineDocument): Diagnostic[] {
  return functions.flatMap(({ name, bars }, f) =>
    bars.flatMap(({ index }, b) => {
      if (bars.findIndex((other) => other.index === index) === b) return [];
      const path = ["functions", f, "bars", b, "index"];
      return [yaml.diagnostic(path, "E_MACHINE_BAR", `${name} has two BARs ${index}`)];
    }),
  );
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
