import { describe, expect, test } from "vitest";
import { buildMachine } from "./build-machine.ts";
import { loadMachine } from "./load-machine.ts";

const PCI = `
host_bridges:
  - { name: host0, root_bus: "00", socket: 0 }
  - { name: host1, root_bus: "80", socket: 1 }
functions:
  - { name: port0, at: "00:01.0", kind: root-port, id: "1022:14ab", above: host0 }
  - { name: port1, at: "80:01.0", kind: root-port, id: "1022:14ab", above: host1 }
  - name: gpu0
    at: "01:00.0"
    kind: endpoint
    id: "1002:740c"
    above: port0
    bars: [{ index: 0, address: 0x380000000000, size: 256MiB }]
  - { name: nic-a, at: "81:00.0", kind: endpoint, id: "15b3:1019", above: port1 }
`;
const HEAD = "version: 1\ntitle: A machine\ncpu: { vendor: AuthenticAMD, family: 0x19 }\n";
const NUMA = `
numa:
  nodes:
    - { socket: 0, memory: 64GiB, cpus: [0-2, 8] }
    - { socket: 1, memory: 32GiB, cpus: [4-6] }
    - { socket: 1 }
`;
const REST = `
fabric:
  switches: [{ name: switch0 }]
  links:
    - kind: nvlink
      between: [[gpu0, switch0], [switch0, socket1]]
      width: 2
      bandwidth: 50GB/s
      latency: 0.7us
      source: assumed
devices:
  - name: gpu0
    kind: gpu
    initiators: [gpu0]
    memory: { size: 64GiB, window: { function: gpu0, bar: 0 }, cpu_coherent: true }
    page_sizes: [4KiB, 2MiB]
    hive: hive0
    card: card0
  - { name: nic, kind: nic, initiators: [nic-a] }
  - { name: fpga, kind: accelerator, node: 2 }
`;

function build(text: string) {
  const { document, diagnostics } = loadMachine(text, "machine.yaml");
  if (document === null) throw new Error(JSON.stringify(diagnostics));
  return buildMachine(document);
}

describe("a document", () => {
  const machine = build(HEAD + NUMA + PCI + REST);
  const [gpu, nic, fpga] = machine.devices;

  test("gives nodes, and the distances that Linux assumes without a SLIT", () => {
    expect(machine.nodes).toEqual([
      { socket: 0, memoryBytes: 64n << 30n, cpus: [0, 1, 2, 8] },
      { socket: 1, memoryBytes: 32n << 30n, cpus: [4, 5, 6] },
      { socket: 1, memoryBytes: 0n, cpus: [] },
    ]);
    expect(machine.distances).toEqual([
      [10, 20, 20],
      [20, 10, 20],
      [20, 20, 10],
    ]);
  });

  test("has the memory of its nodes when it says nothing else", () => {
    expect(machine.pci.ramEndPfn).toBe((96 + 2) * 2 ** 18);
  });

  test("gives one link for each pair, named after its ends", () => {
    expect(Object.fromEntries(machine.fabricEnds)).toEqual({
      gpu0: "device",
      nic: "device",
      fpga: "device",
      switch0: "switch",
      socket0: "socket",
      socket1: "socket",
    });
    const alike = { kind: "nvlink", width: 2, bandwidthBytesPerSec: 5e10, latencyPs: 700_000 };
    expect(machine.links).toEqual([
      { name: "gpu0-switch0", ends: ["gpu0", "switch0"], ...alike },
      { name: "switch0-socket1", ends: ["switch0", "socket1"], ...alike },
    ]);
  });

  test("gives devices with the functions that issue their DMA", () => {
    expect(gpu?.initiators.map(({ path }) => path)).toEqual(["gpu0"]);
    expect(gpu).toMatchObject({ kind: "gpu", hive: "hive0", card: "card0" });
    expect(gpu?.pageSizesBytes).toEqual([4096, 2 ** 21]);
    expect(nic).toMatchObject({ memory: null, hive: null, card: "nic", pageSizesBytes: [4096] });
  });

  test("shows device memory through its own BAR", () => {
    expect(gpu?.memory).toMatchObject({ sizeBytes: 64n << 30n, isCpuCoherent: true });
    expect(gpu?.memory?.window?.bar.sizeBytes).toBe(256n << 20n);
    expect(gpu?.memory?.window?.fn).toBe(gpu?.initiators[0]);
  });

  test("puts a device on the first node of its socket, unless it says otherwise", () => {
    expect([gpu?.node, nic?.node, fpga?.node]).toEqual([0, 1, 2]);
  });
});

test("a document without NUMA, links and devices is a machine with one node", () => {
  expect(build(`${HEAD}memory: 8GiB\n${PCI}`)).toMatchObject({
    nodes: [{ socket: 0, memoryBytes: 8n << 30n, cpus: [0] }],
    distances: [[10]],
    links: [],
    devices: [],
  });
});
