import { describe, expect, test } from "vitest";
import { InvariantError } from "../invariant-error.ts";
import { AcsCapability, acsBitNames, PCI_ACS_EC, PCI_ACS_RR, PCI_ACS_SV } from "./acs.ts";
import { type DmaSpace, dmaPagesBetween } from "./dma-address.ts";
import { IommuDomain } from "./iommu-domain.ts";
import { formatPciAddress, parsePciAddress, pciAddressKey } from "./pci-address.ts";
import { barBusOffsetPages, barNrPages, barStartPfn } from "./pci-bar.ts";
import { PciTree } from "./pci-tree.ts";

describe("an address", () => {
  test("is read with and without its domain, and written with it", () => {
    const address = { domain: 0, bus: 0x3b, devfn: (0x1f << 3) | 7 };
    expect(parsePciAddress("3b:1f.7")).toEqual(address);
    expect(parsePciAddress("0000:3B:1F.7")).toEqual(address);
    expect(formatPciAddress(address)).toBe("0000:3b:1f.7");
  });

  test.each(["3b:20.0", "3b:00.8", "3b.0", "", "00000:3b:00.0x"])("is not %j", (text) => {
    expect(parsePciAddress(text)).toBeNull();
  });

  test("has a number of its own in every domain", () => {
    const keys = ["0000:00:00.1", "0000:01:00.0", "0001:00:00.0"].map((text) =>
      pciAddressKey(parsePciAddress(text) ?? { domain: -1, bus: 0, devfn: 0 }),
    );
    expect(keys).toEqual([1, 0x100, 0x1_0000]);
  });
});

describe("an ACS capability", () => {
  test("keeps only the bits that the hardware has", () => {
    const acs = new AcsCapability(PCI_ACS_SV | PCI_ACS_RR, PCI_ACS_EC | PCI_ACS_SV);
    expect([acs.powerUp, acs.ctrl]).toEqual([PCI_ACS_SV, PCI_ACS_SV]);
    acs.write(PCI_ACS_RR | PCI_ACS_EC);
    expect(acs.ctrl).toBe(PCI_ACS_RR);
  });

  test("names its bits, lowest first", () => {
    expect(acsBitNames(PCI_ACS_EC | PCI_ACS_SV)).toEqual(["source-validation", "egress-control"]);
  });
});

test("a BAR becomes page numbers, on the bus too", () => {
  const bar = {
    index: 0,
    start: 0x6000_0000_0000n,
    busStart: 0x8000_0000n,
    sizeBytes: 0x1_8000n,
    isPrefetchable: true,
    is64Bit: true,
  };
  expect([barStartPfn(bar, 12), barNrPages(bar, 12)]).toEqual([0x6_0000_0000, 0x18]);
  expect(barNrPages(bar, 16)).toBe(1);
  expect(barStartPfn(bar, 12) + barBusOffsetPages(bar, 12)).toBe(0x8_0000);
});

test("addresses of different spaces are not compared", () => {
  const bus: DmaSpace = { kind: "bus", name: "bus" };
  const other: DmaSpace = { kind: "bus", name: "bus" };
  expect(dmaPagesBetween({ space: bus, page: 1 }, { space: bus, page: 3 })).toBe(2);
  expect(() => dmaPagesBetween({ space: bus, page: 1 }, { space: other, page: 3 })).toThrow(
    InvariantError,
  );
});

test("an IOMMU domain maps a page once, and unmaps what is mapped", () => {
  const domain = new IommuDomain("domain", "translate", 0x100);
  domain.map(5, { pfn: 7, prot: 0 });
  expect(domain.lookup(5)).toEqual({ pfn: 7, prot: 0 });
  expect(() => domain.map(5, { pfn: 8, prot: 0 })).toThrow(InvariantError);
  domain.unmap(5);
  expect(() => domain.unmap(5)).toThrow(InvariantError);
});

describe("the tree", () => {
  const ids = { vendor: 0x8086, device: 1 };

  function at(bus: number, devfn: number): { domain: number; bus: number; devfn: number } {
    return { domain: 0, bus, devfn };
  }

  test("finds functions by path and by address", () => {
    const tree = new PciTree();
    const host = tree.addHostBridge({ name: "host", domain: 0, bus: 0 });
    const root = { path: "port", address: at(0, 8), kind: "root-port", ...ids } as const;
    const port = tree.addFunction(root, host);
    const leaf = { path: "port/0", address: at(1, 0), kind: "endpoint", ...ids } as const;
    const fn = tree.addFunction(leaf, port);
    expect(tree.atPath("port/0")).toBe(fn);
    expect(tree.atAddress(at(1, 0))).toBe(fn);
    expect(tree.atPath("port/1")).toBeUndefined();
    expect([fn.hostBridge, fn.upstream, fn.dev.parent]).toEqual([host, port, port.dev]);
    expect(fn.dev.name).toBe("0000:01:00.0");
  });

  test("keeps a root bus in the order of addresses", () => {
    const tree = new PciTree();
    const host = tree.addHostBridge({ name: "host", domain: 0, bus: 0 });
    for (const devfn of [16, 0, 8]) {
      const path = `fn${devfn}`;
      tree.addFunction({ path, address: at(0, devfn), kind: "conventional", ...ids }, host);
    }
    expect(host.rootFunctions.map(({ path }) => path)).toEqual(["fn0", "fn8", "fn16"]);
  });

  test("refuses two functions with one path or address, and functions below an endpoint", () => {
    const tree = new PciTree();
    const host = tree.addHostBridge({ name: "host", domain: 0, bus: 0 });
    const spec = { path: "a", address: at(0, 8), kind: "endpoint", ...ids } as const;
    const fn = tree.addFunction(spec, host);
    expect(() => tree.addFunction({ ...spec, path: "b" }, host)).toThrow("0000:00:01.0");
    expect(() => tree.addFunction({ ...spec, address: at(0, 16) }, host)).toThrow("path a");
    const below = { ...spec, path: "c", address: at(1, 0) };
    expect(() => tree.addFunction(below, fn)).toThrow("no bridge");
  });
});
