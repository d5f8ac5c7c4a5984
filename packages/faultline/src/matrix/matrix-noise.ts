// What goes on beside the program of a cell, again and again until it ends.
import { type Instant, instantPs } from "../library/instant.ts";
import { measuredDevice, type MatrixCell } from "./matrix-cell.ts";

/** Pages of a huge page. */
export const HUGE_PAGES = 512;

type Steps = Record<string, unknown>[];

/** Pages that a thread maps, writes and unmaps elsewhere in the address space. */
const CHURNED_PAGES = 64;
/** Pages of a second program on the card with 4 MiB: four times as many as it holds. */
const BALLAST_PAGES = 4096;

/**
 * The steps that make a cell's noise.
 * @param names its mappings.
 */
export function matrixNoiseSteps(cell: MatrixCell, names: readonly string[]): Steps {
  const { noise, every } = cell;
  const everyPs = instantPs(every as Instant);
  // What is about all of the process is done once in `every`, to one mapping after the other.
  const inTurn = (step: (at: string) => Steps[number]): Steps =>
    names.map((at, i) => ({
      ...step(at),
      every: `${everyPs * names.length}ps`,
      first: `${everyPs * (i + 1)}ps`,
    }));
  // What is about one mapping alone is done to each of them once in `every`.
  const toEach = (step: (at: string) => Steps[number]): Steps =>
    names.map((at, i) => ({
      ...step(at),
      every,
      first: `${Math.round((everyPs * (i + 1)) / names.length)}ps`,
    }));
  switch (noise) {
    case "quiet":
      return [];
    case "fork":
      return [{ do: "fork_and_exit", every }];
    case "fork-cow":
      // The child writes to the mapping before it ends.
      return inTurn((at) => ({ do: "fork_and_exit", at }));
    case "thp-collapse":
      // The program has asked for huge pages after it had written: see the scenario.
      return [{ do: "khugepaged", every }];
    case "thp-split":
      // The last page goes, which no program here touches, and with it the huge page.
      return toEach((at) => ({
        do: "madvise",
        at: `${at}+${HUGE_PAGES - 1}`,
        pages: 1,
        advice: "MADV_DONTNEED",
      }));
    case "numa":
      return [{ do: "numa_scan", every }];
    case "move-pages":
      return toEach((at) => ({ do: "move_pages", at, node: 1 }));
    case "munmap":
      return [{ do: "churn", pages: CHURNED_PAGES, every }];
    case "oversubscription":
      return ballast(cell, everyPs);
  }
}

/**
 * A second program has filled the card. In each `every` it writes the next 2 MiB of its memory, and
 * gives all of it back after a pass: what it had touched before could be mapped in RAM by then.
 */
function ballast(cell: MatrixCell, everyPs: number): Steps {
  const device = measuredDevice(cell);
  const write = { do: "workload", device, at: "ballast", access: "write", outstanding: 1 };
  const passPs = (everyPs * BALLAST_PAGES) / HUGE_PAGES;
  return [
    { do: "mmap", name: "ballast", pages: BALLAST_PAGES },
    write,
    { do: "madvise", at: "ballast", advice: "MADV_DONTNEED", every: `${passPs}ps`, first: "1ps" },
    { ...write, pause: `${Math.ceil(everyPs / HUGE_PAGES)}ps`, every: `${passPs}ps`, first: "2ps" },
  ];
}
