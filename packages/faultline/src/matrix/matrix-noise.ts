// What goes on beside the program of a cell, again and again until it ends.
import { measuredDevice, type MatrixCell } from "./matrix-cell.ts";

/** Pages of a huge page. */
export const HUGE_PAGES = 512;

type Steps = Record<string, unknown>[];

/** Pages that a thread maps, writes and unmaps elsewhere in the address space. */
const CHURNED_PAGES = 64;
/** Pages of a second program on the card with 4 MiB: four times as many. */
const BALLAST_PAGES = 4096;

/**
 * The steps that make a cell's noise.
 * @param names its mappings.
 */
export function matrixNoiseSteps(cell: MatrixCell, names: readonly string[]): Steps {
  const { noise, every } = cell;
  // What is about one mapping happens to each in turn, so that something happens once in `every`.
  const inTurn = (step: (at: string) => Steps[number]): Steps =>
    names.map((at, i) => ({
      ...step(at),
      every: multiple(every, names.length),
      ...(i === 0 ? {} : { delay: multiple(every, i) }),
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
      return [
        ...inTurn((at) => ({ do: "madvise", at, advice: "MADV_HUGEPAGE" })),
        { do: "khugepaged", every },
      ];
    case "thp-split":
      // The last page goes, which no program here touches, and with it the huge page.
      return inTurn((at) => ({
        do: "madvise",
        at: `${at}+${HUGE_PAGES - 1}`,
        pages: 1,
        advice: "MADV_DONTNEED",
      }));
    case "numa":
      return [{ do: "numa_scan", every }];
    case "move-pages":
      return inTurn((at) => ({ do: "move_pages", at, node: 1 }));
    case "munmap":
      return [{ do: "churn", pages: CHURNED_PAGES, every }];
    case "oversubscription":
      return ballast(cell);
  }
}

/** So many times a time: `3ms` of `1ms`. */
function multiple(time: string, n: number): string {
  return time.replace(/^\d+/, (digits) => String(Number(digits) * n));
}

/** A second program goes through more memory than the card has. */
function ballast(cell: MatrixCell): Steps {
  return [
    { do: "mmap", name: "ballast", pages: BALLAST_PAGES },
    { do: "write", at: "ballast" },
    {
      do: "workload",
      device: measuredDevice(cell),
      at: "ballast",
      access: "write",
      outstanding: 1,
      pause: cell.every,
      every: "1ps",
    },
  ];
}
