// Maps one page of a provider for a requester by every route that the recordings have, in their
// order, and takes each mapping apart again.
import { type DmaDevice, type PciMachine } from "@faultline/core";
import {
  createP2pdmaMapState,
  dmaBufPhysVecToSgt,
  dmaMapResource,
  dmaMapSgtable,
  type DmaPage,
  dmaSetMask,
  dmaUnmapPhys,
  dmaUnmapSgtable,
  HMM_PFN_DMA_MAPPED,
  HMM_PFN_P2PDMA,
  HMM_PFN_P2PDMA_BUS,
  HMM_PFN_VALID,
  hmmDmaMapAlloc,
  hmmDmaMapFree,
  hmmDmaMapPfn,
  hmmDmaUnmapPfn,
} from "@faultline/engine";
import { addressText, MAPPING_ERROR, segmentsText } from "./p2p-address-text.ts";
import type { RecordedHmm, RecordedPair, RecordedSegments } from "./p2p-record.ts";

/** Any page of RAM below 4 GiB, and the next. */
const RAM_PFN = 0x1000;
const DMA_BUF_PAGES = 2;

/** The answers of every route. */
export type PairMappings = Omit<RecordedPair, "p" | "c" | "dist" | "type" | "phys">;

/** Maps `page` by every route. */
export function mapPair(machine: PciMachine, dev: DmaDevice, page: DmaPage): PairMappings {
  const hmm = mapHmm(machine, dev, page);
  const sg = mapList(machine, dev, [page]);
  const ram = { pfn: RAM_PFN, provider: null };
  const mix = mapList(machine, dev, [ram, page, { ...ram, pfn: RAM_PFN + 1 }]);
  const buf = mapDmaBuf(machine, dev, page);
  const res = mapResource(machine, dev, page);
  dmaSetMask(dev, 32);
  const hmm32 = mapHmm(machine, dev, page);
  const sg32 = mapList(machine, dev, [page]);
  const buf32 = mapDmaBuf(machine, dev, page);
  dmaSetMask(dev, 64);
  return { hmm, hmm32, sg, sg32, mix, buf, buf32, res };
}

/** What the recorder did with each requester before its first pair: one page of RAM, two routes. */
export function mapRamOnce(machine: PciMachine, dev: DmaDevice): void {
  const ram = { pfn: RAM_PFN, provider: null };
  mapList(machine, dev, [ram]);
  mapHmm(machine, dev, ram);
}

function mapHmm(machine: PciMachine, dev: DmaDevice, page: DmaPage): RecordedHmm {
  const map = hmmDmaMapAlloc(machine, dev, new Uint32Array([HMM_PFN_VALID]));
  if (typeof map === "number") return { alloc: map };
  const state = createP2pdmaMapState();
  const address = hmmDmaMapPfn(machine, dev, map, 0, page, state);
  const addr = address === null ? "err" : addressText(machine, dev, address);
  const flags = stickyBits(map.flags[0] ?? 0);
  const again = address === null ? null : hmmDmaMapPfn(machine, dev, map, 0, page, state);
  const isSame = again?.space === address?.space && again?.page === address?.page;
  const unmapped = hmmDmaUnmapPfn(machine, dev, map, 0) ? 1 : 0;
  hmmDmaMapFree(dev, map);
  return {
    type: state.map,
    iova_state: map.iova === null ? 0 : 1,
    flags,
    addr,
    ...(address === null ? {} : { again_same: isSame ? 1 : 0 }),
    unmapped,
    flags_after: stickyBits(map.flags[0] ?? 0),
  };
}

function stickyBits(flags: number): number {
  const bits = [HMM_PFN_DMA_MAPPED, HMM_PFN_P2PDMA, HMM_PFN_P2PDMA_BUS];
  return bits.reduce((sum, bit, at) => sum | ((flags & bit) === 0 ? 0 : 1 << at), 0);
}

function mapList(machine: PciMachine, dev: DmaDevice, pages: readonly DmaPage[]): RecordedSegments {
  const entries = pages.map((page) => ({ page, nrPages: 1 }));
  const table = dmaMapSgtable(machine, dev, entries);
  const text = segmentsText(machine, dev, table);
  dmaUnmapSgtable(machine, dev, table);
  return text;
}

function mapDmaBuf(machine: PciMachine, dev: DmaDevice, { pfn, provider }: DmaPage): string {
  if (provider === null) return "";
  const table = dmaBufPhysVecToSgt(machine, dev, provider, [{ pfn, nrPages: DMA_BUF_PAGES }]);
  const [first] = table.segments;
  const text = first === undefined ? `err:${table.rc}` : addressText(machine, dev, first.address);
  dmaUnmapSgtable(machine, dev, table);
  return text;
}

function mapResource(machine: PciMachine, dev: DmaDevice, { pfn }: DmaPage): string {
  const address = dmaMapResource(machine, dev, pfn, 1);
  if (address === null) return MAPPING_ERROR;
  const text = addressText(machine, dev, address);
  dmaUnmapPhys(machine, dev, address, 1);
  return text;
}
