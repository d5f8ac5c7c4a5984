// What must hold on every tree: random hierarchies, ACS controls, hosts and IOMMUs.
import {
  IOMMU_MMIO,
  PCI_BRIDGE_KINDS,
  PCI_P2PDMA_MAP_BUS_ADDR,
  PCI_P2PDMA_MAP_NOT_SUPPORTED,
  type PciDev,
  type PciHostBridge,
  type PciKind,
} from "@faultline/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hmmDmaMapAlloc, hmmDmaMapFree, hmmDmaMapPfn, hmmDmaUnmapPfn } from "../dma/hmm-dma-map.ts";
import { HMM_PFN_VALID } from "../hmm/hmm-pfn.ts";
import { type HostKind, SmallMachine } from "../test-kit/small-machine.ts";
import { ACS_REDIRECT_BITS } from "./acs-redirect.ts";
import { decidePair } from "./calc-map-type.ts";
import { pciP2pdmaDistance, pciP2pdmaDistanceMany } from "./distance-many.ts";
import { explainP2pdma } from "./explain-p2pdma.ts";
import { createP2pdmaMapState } from "./map-type.ts";
import { pcimP2pdmaProvider } from "./p2pmem.ts";

const kinds: PciKind[] = ["root-port", "switch-upstream", "switch-downstream", "endpoint"];

const treeArbitrary = fc.record({
  host: fc.constantFrom<HostKind>("zen", "skx", "hsw", "none"),
  busOffset: fc.constantFrom(0n, 0x8000_0000n, -0x8000_0000n),
  functions: fc.array(
    fc.record({
      kind: fc.constantFrom(...kinds),
      /** Chooses among the host bridges and the bridges so far. */
      above: fc.nat(),
      acs: fc.option(fc.integer({ min: 0, max: 0x7f })),
    }),
    { minLength: 2, maxLength: 16 },
  ),
  pair: fc.tuple(fc.nat(), fc.nat()),
});

interface Sample {
  readonly m: SmallMachine;
  readonly provider: PciDev;
  readonly client: PciDev;
}

function choose<T>(all: readonly T[], n: number): T {
  const chosen = all[n % all.length];
  if (chosen === undefined) throw new Error("nothing to choose from");
  return chosen;
}

function build(spec: typeof treeArbitrary extends fc.Arbitrary<infer T> ? T : never): Sample {
  const m = new SmallMachine({ host: spec.host, nrBridges: 2, busOffset: spec.busOffset });
  const places: (PciHostBridge | PciDev)[] = [...m.bridges];
  const functions = spec.functions.map(({ kind, above, acs }) => {
    const fn = m.add(kind, choose(places, above), acs);
    if (PCI_BRIDGE_KINDS.has(kind)) places.push(fn);
    return fn;
  });
  const [p, c] = spec.pair;
  return { m, provider: m.publish(choose(functions, p)), client: choose(functions, c) };
}

function check(holds: (sample: Sample) => void): void {
  fc.assert(
    fc.property(treeArbitrary, (spec) => holds(build(spec))),
    { numRuns: 300 },
  );
}

function isAbove(fn: PciDev, below: PciDev): boolean {
  return below.upstream !== null && (below.upstream === fn || isAbove(fn, below.upstream));
}

describe("on every tree", () => {
  test("type and distance are symmetric, and the distance is 0 for one function only", () => {
    check(({ m: { machine }, provider, client }) => {
      const there = decidePair(machine, provider, client);
      const back = decidePair(machine, client, provider);
      expect([back.type, back.distance]).toEqual([there.type, there.distance]);
      expect(there.distance === 0).toBe(provider === client);
    });
  });

  test("asking changes nothing about the answer", () => {
    check(({ m: { machine }, provider, client }) => {
      const first = decidePair(machine, provider, client);
      pciP2pdmaDistance(machine, provider, client.dev);
      expect(decidePair(machine, provider, client)).toEqual(first);
      expect(explainP2pdma(machine, provider, client).type).toBe(first.type);
    });
  });

  test("ACS above the meeting point, or of a pair that does not meet, means nothing", () => {
    check(({ m: { machine }, provider, client }) => {
      const { meeting, type } = decidePair(machine, provider, client);
      for (const fn of machine.tree.functions) {
        if (meeting === null || isAbove(fn, meeting)) fn.acs?.write(ACS_REDIRECT_BITS);
      }
      expect(decidePair(machine, provider, client).type).toBe(type);
    });
  });

  test("taking every redirect away never takes the way away", () => {
    check(({ m: { machine }, provider, client }) => {
      const { meeting, type } = decidePair(machine, provider, client);
      for (const fn of machine.tree.functions) fn.acs?.write(0);
      const without = decidePair(machine, provider, client).type;
      expect(without).toBe(meeting === null ? type : PCI_P2PDMA_MAP_BUS_ADDR);
    });
  });

  test("the distance of many is the sum of each", () => {
    check(({ m: { machine }, provider, client }) => {
      const clients = [client, provider, ...client.hostBridge.rootFunctions].map(({ dev }) => dev);
      const each = clients.map((dev) => pciP2pdmaDistance(machine, provider, dev));
      const sum = each.includes(-1) ? -1 : each.reduce((total, distance) => total + distance, 0);
      expect(pciP2pdmaDistanceMany(machine, provider, clients)).toBe(sum);
    });
  });

  test("the host decides only about pairs that have to pass it", () => {
    check(({ m: { machine }, provider, client }) => {
      const { type, meeting, redirecting } = decidePair(machine, provider, client);
      const stays = meeting !== null && redirecting.length === 0;
      expect(type === PCI_P2PDMA_MAP_BUS_ADDR).toBe(stays);
    });
  });

  test("a mapping behind an IOMMU has an entry exactly when it passes the host bridge", () => {
    check(({ m, provider, client }) => {
      const { machine } = m;
      const domain = m.attach(client, "translate");
      const flags = new Uint32Array([HMM_PFN_VALID]);
      const map = hmmDmaMapAlloc(machine, client.dev, flags);
      const peer = pcimP2pdmaProvider(provider, 0);
      if (typeof map === "number" || peer === null) throw new Error("cannot map");
      const pfn = provider.p2pdma?.pools[0]?.startPfn ?? 0;
      const page = { pfn, provider: peer };
      const address = hmmDmaMapPfn(machine, client.dev, map, 0, page, createP2pdmaMapState());
      const { type } = decidePair(machine, provider, client);
      if (type === PCI_P2PDMA_MAP_NOT_SUPPORTED) {
        expect([address, domain.nrEntries, flags[0]]).toEqual([null, 0, HMM_PFN_VALID]);
      } else if (type === PCI_P2PDMA_MAP_BUS_ADDR) {
        const space = provider.hostBridge.space;
        expect(address).toEqual({ space, page: pfn + peer.busOffsetPages });
        expect(domain.nrEntries).toBe(0);
      } else {
        expect(domain.lookup(address?.page ?? 0)).toEqual({ pfn, prot: IOMMU_MMIO });
        expect(domain.nrEntries).toBe(1);
      }
      hmmDmaUnmapPfn(machine, client.dev, map, 0);
      hmmDmaMapFree(client.dev, map);
      expect([domain.nrEntries, flags[0]]).toEqual([0, HMM_PFN_VALID]);
    });
  });
});
