import {
  EINVAL,
  EIO,
  ENOMEM,
  EOPNOTSUPP,
  EREMOTEIO,
  IOMMU_CACHE,
  IOMMU_MMIO,
  type IommuDomain,
  PCI_ACS_RR,
  type PciDev,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import {
  HMM_PFN_DMA_MAPPED,
  HMM_PFN_P2PDMA,
  HMM_PFN_P2PDMA_BUS,
  HMM_PFN_VALID,
} from "../hmm/hmm-pfn.ts";
import { createP2pdmaMapState } from "../p2pdma/map-type.ts";
import { pcimP2pdmaProvider } from "../p2pdma/p2pmem.ts";
import { SmallMachine, type SmallMachineSpec } from "../test-kit/small-machine.ts";
import { dmaBufPhysVecToSgt } from "./dma-buf-mapping.ts";
import { dmaSetMask } from "./dma-device-limits.ts";
import { dmaMapPhys, dmaMapResource, dmaUnmapPhys } from "./dma-map-phys.ts";
import { dmaMapSgtable, dmaUnmapSgtable } from "./dma-map-sg.ts";
import type { DmaPage } from "./dma-page.ts";
import { type HmmDmaMap, hmmDmaMapAlloc, hmmDmaMapPfn, hmmDmaUnmapPfn } from "./hmm-dma-map.ts";
import { dmaIovaFree, dmaIovaLink, dmaIovaTryAlloc, dmaIovaUnlink } from "./iommu-dma.ts";

const RAM_PFN = 0x100;
const HIGH_RAM_END = 0x14_0000;
const RAM: DmaPage = { pfn: RAM_PFN, provider: null };

interface Pair {
  readonly m: SmallMachine;
  readonly nic: PciDev;
  /** A page of the GPU's BAR. */
  readonly peer: DmaPage;
}

/** A GPU and a NIC below a switch on a Zen host; with `redirects` they talk through the root. */
function pair(redirects: boolean, spec: SmallMachineSpec = {}): Pair {
  const m = new SmallMachine({ host: "zen", ...spec });
  const [left, right] = m.addSwitch(m.root(), redirects ? PCI_ACS_RR : 0);
  const gpu = m.publish(m.add("endpoint", left));
  const nic = m.add("endpoint", right);
  const provider = pcimP2pdmaProvider(gpu, 0);
  const pfn = gpu.p2pdma?.pools[0]?.startPfn ?? 0;
  return { m, nic, peer: { pfn, provider } };
}

function alloc({ m, nic }: Pair, nrPages = 1): HmmDmaMap {
  const flags = new Uint32Array(nrPages).fill(HMM_PFN_VALID);
  const map = hmmDmaMapAlloc(m.machine, nic.dev, flags);
  if (typeof map === "number") throw new Error(`no map: ${map}`);
  return map;
}

function inPhysical({ m }: Pair, page: number): object {
  return { space: m.machine.physical, page };
}

describe("dmaMapPhys", () => {
  test("gives the physical address where it fits the mask, else a bounce buffer", () => {
    const p = pair(true, { ramEndPfn: HIGH_RAM_END });
    const { dev } = p.nic;
    expect(dmaMapPhys(p.m.machine, dev, 0x12_0000, 1)).toEqual(inPhysical(p, 0x12_0000));
    dmaSetMask(dev, 32);
    const bounced = dmaMapPhys(p.m.machine, dev, 0x12_0000, 1);
    expect(p.m.machine.swiotlb?.holds(bounced?.page ?? 0)).toBe(true);
    expect(dev.dmaSkipSync).toBe(false);
    dmaSetMask(dev, 64);
    expect(dev.dmaSkipSync).toBe(true);
  });

  test("gives a bounce buffer back", () => {
    const p = pair(true, { swiotlb: "force" });
    const { machine } = p.m;
    const before = machine.swiotlb?.slots.nrFree;
    const address = dmaMapPhys(machine, p.nic.dev, RAM_PFN, 2);
    expect(machine.swiotlb?.slots.nrFree).toBe((before ?? 0) - 2);
    if (address !== null) dmaUnmapPhys(machine, p.nic.dev, address, 2);
    expect(machine.swiotlb?.slots.nrFree).toBe(before);
  });

  test("never bounces device registers, and fails without a pool", () => {
    const forced = pair(true, { swiotlb: "force" });
    expect(dmaMapResource(forced.m.machine, forced.nic.dev, RAM_PFN, 1)).toBeNull();
    const plain = pair(true);
    dmaSetMask(plain.nic.dev, 24);
    expect(dmaMapPhys(plain.m.machine, plain.nic.dev, 0x2000, 1)).toBeNull();
  });
});

describe("IOVAs", () => {
  function translated(): Pair & { readonly domain: IommuDomain } {
    const p = pair(true);
    return { ...p, domain: p.m.attach(p.nic, "translate") };
  }

  test("are taken below 4 GiB first, aligned to their size", () => {
    const { m, nic, domain } = translated();
    const address = dmaMapPhys(m.machine, nic.dev, RAM_PFN, 3);
    expect(address).toEqual({ space: domain.space, page: 2 ** 20 - 4 });
    expect(domain.lookup(2 ** 20 - 2)).toEqual({ pfn: RAM_PFN + 2, prot: IOMMU_CACHE });
  });

  test("are never bus addresses below the device's host bridge", () => {
    const { m, nic, domain } = translated();
    const [window] = m.root().windows;
    const first = Number((window?.busStart ?? 0n) >> 12n);
    const nrPages = Number((window?.sizeBytes ?? 0n) >> 12n);
    const free = domain.iovas.nrFree;
    domain.iovas.reserve(first, first + nrPages);
    expect(domain.iovas.nrFree).toBe(free);
    expect(nic.dev.iommu).toBe(domain);
  });

  test("are reserved in one step and filled in others, with one flush per unlink", () => {
    const { m, nic, domain } = translated();
    const iova = dmaIovaTryAlloc(m.machine, nic.dev, 4);
    if (iova === null) throw new Error("no IOVAs");
    dmaIovaLink(nic.dev, iova, RAM_PFN, 2, 2, 0);
    expect([domain.nrEntries, domain.nrSyncs]).toEqual([2, 0]);
    dmaIovaUnlink(nic.dev, iova, 2, 2);
    expect([domain.nrEntries, domain.nrSyncs]).toEqual([0, 1]);
    dmaIovaFree(nic.dev, iova);
    expect(dmaIovaTryAlloc(m.machine, nic.dev, 4)).toEqual(iova);
  });

  test("are none of a device whose IOMMU passes addresses through", () => {
    const p = pair(true);
    p.m.attach(p.nic, "identity");
    expect(dmaIovaTryAlloc(p.m.machine, p.nic.dev, 1)).toBeNull();
    expect(dmaMapPhys(p.m.machine, p.nic.dev, RAM_PFN, 1)).toEqual(inPhysical(p, RAM_PFN));
  });
});

describe("the HMM route", () => {
  test("refuses devices that would bounce or cannot reach all RAM", () => {
    const { m, nic } = pair(true, { ramEndPfn: HIGH_RAM_END });
    const flags = new Uint32Array(1);
    dmaSetMask(nic.dev, 32);
    expect(hmmDmaMapAlloc(m.machine, nic.dev, flags)).toBe(-EOPNOTSUPP);
    m.attach(nic, "translate");
    expect(hmmDmaMapAlloc(m.machine, nic.dev, flags)).not.toBe(-EOPNOTSUPP);
    nic.dev.dmaSkipSync = false;
    expect(hmmDmaMapAlloc(m.machine, nic.dev, flags)).toBe(-EOPNOTSUPP);
  });

  test("a bus address touches no IOMMU and nothing has to be undone but the flags", () => {
    const p = pair(false, { busOffset: 0x1000_0000n });
    const domain = p.m.attach(p.nic, "translate");
    const map = alloc(p);
    const state = createP2pdmaMapState();
    const address = hmmDmaMapPfn(p.m.machine, p.nic.dev, map, 0, p.peer, state);
    expect(address).toEqual({ space: p.m.root().space, page: p.peer.pfn + 0x1_0000 });
    expect(map.flags[0]).toBe((HMM_PFN_VALID | HMM_PFN_DMA_MAPPED | HMM_PFN_P2PDMA_BUS) >>> 0);
    expect([domain.nrEntries, hmmDmaUnmapPfn(p.m.machine, p.nic.dev, map, 0)]).toEqual([0, true]);
    expect(map.flags[0]).toBe(HMM_PFN_VALID);
  });

  test("peer memory behind the root gets an entry for device registers", () => {
    const p = pair(true);
    const domain = p.m.attach(p.nic, "translate");
    const map = alloc(p, 2);
    const state = createP2pdmaMapState();
    const address = hmmDmaMapPfn(p.m.machine, p.nic.dev, map, 1, p.peer, state);
    expect(address).toEqual({ space: domain.space, page: (map.iova?.start ?? 0) + 1 });
    expect(domain.lookup(address?.page ?? 0)).toEqual({ pfn: p.peer.pfn, prot: IOMMU_MMIO });
    expect(map.flags[1]).toBe((HMM_PFN_VALID | HMM_PFN_DMA_MAPPED | HMM_PFN_P2PDMA) >>> 0);
  });

  test("a slot that is mapped keeps its address and its one entry", () => {
    const p = pair(true);
    const domain = p.m.attach(p.nic, "translate");
    const map = alloc(p);
    const state = createP2pdmaMapState();
    const first = hmmDmaMapPfn(p.m.machine, p.nic.dev, map, 0, RAM, state);
    expect(hmmDmaMapPfn(p.m.machine, p.nic.dev, map, 0, RAM, state)).toEqual(first);
    expect(domain.nrEntries).toBe(1);
  });

  test("unmapping needs a page that is valid and mapped", () => {
    const p = pair(true);
    const map = alloc(p);
    expect(hmmDmaUnmapPfn(p.m.machine, p.nic.dev, map, 0)).toBe(false);
    map.flags[0] = HMM_PFN_DMA_MAPPED;
    expect(hmmDmaUnmapPfn(p.m.machine, p.nic.dev, map, 0)).toBe(false);
    expect(map.flags[0]).toBe(HMM_PFN_DMA_MAPPED);
  });

  test("keeps addresses by slot where there are no IOVAs but mappings must be undone", () => {
    const p = pair(true);
    p.m.attach(p.nic, "translate").iovas.reserve(0, 2 ** 36 - 1);
    const map = alloc(p, 2);
    expect([map.iova, map.addresses]).toEqual([null, [null, null]]);
    const address = hmmDmaMapPfn(p.m.machine, p.nic.dev, map, 1, RAM, createP2pdmaMapState());
    expect(map.addresses).toEqual([null, address]);
    expect(hmmDmaUnmapPfn(p.m.machine, p.nic.dev, map, 1)).toBe(true);
    expect(map.addresses).toEqual([null, null]);
  });
});

describe("a scatter list", () => {
  const entries = (p: Pair): { page: DmaPage; nrPages: number }[] =>
    [RAM, p.peer, { ...RAM, pfn: RAM_PFN + 1 }].map((page) => ({ page, nrPages: 1 }));

  test("bounces peer memory like RAM where bouncing is forced", () => {
    const p = pair(true, { swiotlb: "force" });
    const { machine } = p.m;
    const free = machine.swiotlb?.slots.nrFree;
    const table = dmaMapSgtable(machine, p.nic.dev, entries(p));
    const bounced = table.segments.map(({ address }) => machine.swiotlb?.holds(address.page));
    expect(bounced).toEqual([true, true, true]);
    dmaUnmapSgtable(machine, p.nic.dev, table);
    expect(machine.swiotlb?.slots.nrFree).toBe(free);
  });

  test("behind an IOMMU becomes one segment, with the protection of RAM", () => {
    const p = pair(true);
    const domain = p.m.attach(p.nic, "translate");
    const table = dmaMapSgtable(p.m.machine, p.nic.dev, entries(p));
    expect(table.segments.map(({ nrPages }) => nrPages)).toEqual([3]);
    const page = table.iova?.start ?? 0;
    expect(domain.lookup(page + 1)).toEqual({ pfn: p.peer.pfn, prot: IOMMU_CACHE });
    dmaUnmapSgtable(p.m.machine, p.nic.dev, table);
    expect(domain.nrEntries).toBe(0);
  });

  test("has no segment longer than the device takes", () => {
    const p = pair(true);
    p.m.attach(p.nic, "translate");
    p.nic.dev.maxSegmentBytes = 0x2000;
    const table = dmaMapSgtable(p.m.machine, p.nic.dev, entries(p));
    expect(table.segments.map(({ nrPages }) => nrPages)).toEqual([2, 1]);
  });

  test("keeps bus addresses out of the IOVAs", () => {
    const p = pair(false);
    const domain = p.m.attach(p.nic, "translate");
    const table = dmaMapSgtable(p.m.machine, p.nic.dev, entries(p));
    const spaces = table.segments.map(({ address }) => address.space);
    expect(spaces).toEqual([domain.space, p.m.root().space, domain.space]);
    expect(table.iova?.nrPages).toBe(2);
  });

  test("that cannot be mapped leaves nothing behind", () => {
    const p = pair(true, { host: "none", swiotlb: "force" });
    const { machine } = p.m;
    const free = machine.swiotlb?.slots.nrFree;
    expect(dmaMapSgtable(machine, p.nic.dev, entries(p)).rc).toBe(-EREMOTEIO);
    expect(machine.swiotlb?.slots.nrFree).toBe(free);
    expect(dmaMapSgtable(machine, p.nic.dev, []).rc).toBe(-EINVAL);
    const poor = pair(true);
    dmaSetMask(poor.nic.dev, 32);
    expect(dmaMapSgtable(poor.m.machine, poor.nic.dev, entries(poor)).rc).toBe(-EIO);
  });

  test("finds no IOVAs where none are left", () => {
    const p = pair(true);
    p.m.attach(p.nic, "translate").iovas.reserve(0, 2 ** 36);
    expect(dmaMapSgtable(p.m.machine, p.nic.dev, entries(p)).rc).toBe(-ENOMEM);
  });
});

describe("a DMA-buf of peer memory", () => {
  function map(p: Pair): ReturnType<typeof dmaBufPhysVecToSgt> {
    const { provider, pfn } = p.peer;
    if (provider === null) throw new Error("no provider");
    const ranges = [0, 8].map((offset) => ({ pfn: pfn + offset, nrPages: 2 }));
    return dmaBufPhysVecToSgt(p.m.machine, p.nic.dev, provider, ranges);
  }

  test("uses bus addresses, one range of IOVAs, or physical addresses", () => {
    const across = pair(false);
    expect(map(across).segments).toMatchObject([
      { address: { page: across.peer.pfn } },
      { address: { page: across.peer.pfn + 8 } },
    ]);
    const plain = pair(true);
    expect(map(plain).segments[0]?.address).toEqual(inPhysical(plain, plain.peer.pfn));
    const translated = pair(true);
    const domain = translated.m.attach(translated.nic, "translate");
    const table = map(translated);
    expect(table.segments.map(({ nrPages }) => nrPages)).toEqual([4]);
    expect(domain.lookup((table.iova?.start ?? 0) + 2)?.pfn).toBe(translated.peer.pfn + 8);
  });

  test("says why it cannot be mapped", () => {
    expect(map(pair(true, { host: "none" })).rc).toBe(-EINVAL);
    expect(map(pair(true, { swiotlb: "force" })).rc).toBe(-ENOMEM);
  });
});
