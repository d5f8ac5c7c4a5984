// How much a fault event asks for, by the three ways in which devices describe one. Mirrors
// mlx5_ib_mr_wqe_pfault_handler, mlx5_ib_mr_rdma_pfault_handler and
// mlx5_ib_mr_memory_pfault_handler of drivers/infiniband/hw/mlx5/odp.c. Of keys of memory windows
// and of lists, which are walked first, only the depth counts.
import type { PageRange } from "../device/device-stack.ts";
import type { OdpKnobs } from "./odp-knobs.ts";

/** The longest data segment, which has a length of zero. */
const MAX_SEGMENT_BYTES = 2 ** 31;

/** What the handler of one event faults. */
export interface OdpFaultPlan {
  /** Must be mapped, one part after another, or the event is answered with an error. */
  readonly demanded: readonly PageRange[];
  /** Faulted after the answer, and may fail. */
  readonly speculative: PageRange | null;
  /** Tried first in place of what is demanded; where it fails, only that is. */
  readonly permissive: PageRange | null;
}

/** The plan for an event about `page`, whose operation still wants `nrLeft` pages. */
export function planOdpFault(
  knobs: OdpKnobs,
  page: number,
  nrLeft: number,
  pageBytes: number,
): OdpFaultPlan {
  const whole = { start: page, nrPages: nrLeft };
  switch (knobs["odp.scheme"]) {
    case "wqe":
      return { demanded: segments(whole, knobs, pageBytes), speculative: null, permissive: null };
    case "rdma":
      return planRdma(whole, knobs, pageBytes);
    case "memory":
      return planMemory(whole, knobs, pageBytes);
  }
}

/**
 * A work request has data segments, and each is faulted by itself; those of pinned memory count as
 * mapped. A length of zero stands for the longest one.
 * @kernelpart drivers/infiniband/hw/mlx5/odp.c pagefault_data_segments (v7.2) what is demanded
 */
function segments({ start, nrPages }: PageRange, knobs: OdpKnobs, pageBytes: number): PageRange[] {
  if (knobs["odp.zeroLength"]) return [{ start, nrPages: MAX_SEGMENT_BYTES / pageBytes }];
  const size = knobs["odp.segmentPages"] || nrPages;
  const parts: PageRange[] = [];
  for (let at = 0; at < nrPages; at += size) {
    parts.push({ start: start + at, nrPages: Math.min(size, nrPages - at) });
  }
  return parts.slice(0, Math.max(1, parts.length - knobs["odp.pinnedSegments"]));
}

/** Of unknown length is a packet, and then what follows, up to a limit. */
function planRdma(whole: PageRange, knobs: OdpKnobs, pageBytes: number): OdpFaultPlan {
  if (knobs["odp.lengthKnown"]) return { demanded: [whole], speculative: null, permissive: null };
  const { start, nrPages } = whole;
  const packet = Math.max(1, Math.floor(knobs["odp.packetBytes"] / pageBytes));
  const nrDemanded = Math.min(packet, nrPages);
  const most = Math.floor(knobs["odp.prefetchMax"] / pageBytes);
  const nrMore = Math.min(nrPages - nrDemanded, most);
  return {
    demanded: [{ start, nrPages: nrDemanded }],
    speculative: nrMore > 0 ? { start: start + nrDemanded, nrPages: nrMore } : null,
    permissive: null,
  };
}

/** What the device demands, with what it would like around it. */
function planMemory(whole: PageRange, knobs: OdpKnobs, pageBytes: number): OdpFaultPlan {
  const before = Math.floor(knobs["odp.memoryBefore"] / pageBytes);
  const after = Math.floor(knobs["odp.memoryAfter"] / pageBytes);
  const start = Math.max(0, whole.start - before);
  const end = whole.start + whole.nrPages + after;
  const isWider = before + after > 0;
  return {
    demanded: [whole],
    speculative: null,
    permissive: isWider ? { start, nrPages: end - start } : null,
  };
}
