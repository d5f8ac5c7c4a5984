import { PCI_ACS_CR, PCI_ACS_RR, PCI_ACS_SV } from "@faultline/core";
import { expect, test } from "vitest";
import { buildPciMachine } from "./build-pci-machine.ts";
import { loadMachine } from "./load-machine.ts";

const TEXT = `
version: 1
title: A machine
cpu: { vendor: AuthenticAMD, family: 0x19 }
memory: 4GiB
page_size: 64KiB
iommu: { vendor: amd, mode: translate }
boot: { noats: true, swiotlb: force, disable_acs_redir: [port] }
host_bridges:
  - { name: host0, root_bus: "0001:00", socket: 1 }
  - { name: host1, root_bus: "0001:80" }
functions:
  - name: gpu
    at: "0001:01:00.0"
    kind: endpoint
    id: "1002:740c"
    above: port
    iommu_group: 7
    bars:
      - index: 2
        address: 0x380000000000
        bus_address: 0x80000000
        size: 1GiB
        peer_memory: true
      - { index: 5, address: 0x380080000000, size: 64KiB }
  - name: port
    at: "0001:00:01.0"
    kind: root-port
    id: "1022:14ab"
    above: host0
    acs:
      capability: [source-validation, request-redirect, completion-redirect]
      firmware: [request-redirect]
`;

test("a document becomes the machine that it describes", () => {
  const { document } = loadMachine(TEXT, "machine.yaml");
  if (document === null) throw new Error("the document has problems");
  const spec = buildPciMachine(document);
  const { tree } = spec;
  const gpu = tree.atPath("gpu");
  const port = tree.atPath("port");
  expect(gpu?.upstream).toBe(port);
  expect(gpu).toMatchObject({ vendor: 0x1002, device: 0x740c, address: { domain: 1, bus: 1 } });
  expect(gpu?.bars).toMatchObject([
    { index: 2, start: 0x380000000000n, busStart: 0x80000000n, sizeBytes: 1n << 30n },
    { index: 5, busStart: 0x380080000000n },
  ]);
  expect(port?.acs).toMatchObject({
    cap: PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR,
    powerUp: PCI_ACS_RR,
  });
  expect(tree.hostBridges).toMatchObject([
    { name: "host0", domain: 1, bus: 0, socket: 1, windows: [{}, {}] },
    { name: "host1", bus: 0x80, socket: 0, windows: [] },
  ]);
  expect(spec).toMatchObject({
    pageShift: 16,
    lowEndPfn: 0x8000,
    ramEndPfn: 0x1_8000,
    swiotlb: "force",
    iommu: { vendor: "amd", mode: "translate" },
    acs: { atsIsOff: true, disableAcsRedir: ["port"], configAcs: [] },
    peerMemory: [{ bar: 2, nrPages: 0 }],
  });
  expect([...spec.groups].map(([fn, group]) => [fn.path, group])).toEqual([
    ["gpu", "group 7"],
    ["port", "group of port"],
  ]);
});
