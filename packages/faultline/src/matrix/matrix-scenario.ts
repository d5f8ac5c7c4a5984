// A cell of the matrix as a scenario that anybody can run: a GPU touches memory that is put into
// the same place before every round, while the kernel does something else.
import { writeYaml } from "@faultline/diagnostics";
import { machineFile, type ShippedMachine } from "../machines/shipped-machine.ts";
import { matrixShape, measuredDevice, type MatrixCell, otherDevice } from "./matrix-cell.ts";
import { matrixNoiseSteps } from "./matrix-noise.ts";
import { matrixPlacement } from "./matrix-placement.ts";

/** What the program computes after each access. */
const PAUSE = "20us";

/** Machines with private links, by the driver that knows them. */
const LINKED: Readonly<Record<string, ShippedMachine>> = {
  amdkfd: "mi300x-node",
  xe: "xe-pair-xe-link",
  uvm: "dgx-h100",
};

/** Why a cell cannot be; null where it can. */
export function whyNotMatrix(cell: MatrixCell): string | null {
  const { profile, noise, size, place } = cell;
  const isThp = noise === "thp-collapse" || noise === "thp-split";
  if (isThp && size !== "2MiB") return "there is no huge page in less than 2 MiB";
  const isInGpu = place !== "absent" && place !== "ram";
  if (profile.stack === "ats" && isInGpu) {
    return "walks the CPUs' page tables: its memory is a node, which no driver moves pages to";
  }
  if (profile.id.includes("upm") && isInGpu) return "has no memory but that of the CPUs";
  if (noise === "oversubscription" && profile.stack === "ats") return "keeps nothing of its own";
  if (place !== "peer-link") return null;
  if (LINKED[profile.stack] === undefined) return "no machine links two of these";
  if (noise === "oversubscription") return "the machine with a small card has no private links";
  if (noise === "move-pages" && profile.stack === "xe") return "that machine has one NUMA node";
  return null;
}

/** The scenario of a cell, as YAML. */
export function matrixScenario(cell: MatrixCell): string {
  const { profile, noise, access, size, place, every } = cell;
  const { nrMappings, nrPages, rounds } = matrixShape(cell);
  const device = measuredDevice(cell);
  const names = Array.from({ length: nrMappings }, (_, i) => `m${i}`);
  const touch = (at: string): object => {
    return { do: "workload", device, at, access, count: 1, outstanding: 1, pause: PAUSE };
  };
  return writeYaml({
    version: 1,
    title: `${profile.id}: ${access} of ${size}, ${place}, ${noise} once in ${every}`,
    settings: { transparent_hugepage: size === "2MiB" ? "madvise" : "never" },
    machine: machineOf(cell),
    steps: [
      ...names.map((name) => ({ do: "mmap", name, pages: nrPages })),
      ...matrixNoiseSteps(cell, names),
      ...Array.from({ length: rounds }, () => [
        ...names.flatMap((at) => matrixPlacement(cell, at)),
        ...(noise === "thp-collapse" ? names.map(askForHugePages) : []),
        ...names.map(touch),
      ]).flat(),
    ],
  });
}

/** Of memory that is there in single pages, so that khugepaged has something to do. */
function askForHugePages(at: string): object {
  return { do: "madvise", at, advice: "MADV_HUGEPAGE" };
}

function machineOf(cell: MatrixCell): object {
  const { profile, noise, place } = cell;
  const stack = profile.stack === "ats" ? "sva" : profile.stack;
  const devices = [
    { name: measuredDevice(cell), stack },
    { name: otherDevice(cell), stack: place === "foreign" ? "ideal" : stack },
  ].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const linked = LINKED[profile.stack];
  if (place === "peer-link" && linked !== undefined) return { file: machineFile(linked), devices };
  if (noise === "oversubscription") return { file: machineFile("one-small-card"), devices };
  const nodes = [
    { memory: "4GiB", cpus: [0, 1] },
    { memory: "4GiB", cpus: [2, 3] },
  ];
  return { nodes, devices };
}
