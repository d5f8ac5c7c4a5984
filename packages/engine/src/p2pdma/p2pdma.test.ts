import {
  DmaDevice,
  EINVAL,
  EOPNOTSUPP,
  HOST_BRIDGE_LIST,
  PCI_ACS_RR,
  PCI_P2PDMA_MAP_BUS_ADDR,
  PCI_P2PDMA_MAP_NONE,
  PCI_P2PDMA_MAP_NOT_SUPPORTED,
  PCI_P2PDMA_MAP_THRU_HOST_BRIDGE,
  PciMachine,
  PciTree,
  type PciDev,
  type PciHostBridge,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { SmallMachine, type SmallMachineSpec } from "../test-kit/small-machine.ts";
import {
  nearestP2pmem,
  pciP2pdmaDistance,
  pciP2pdmaDistanceMany,
  pciP2pmemFindMany,
} from "./distance-many.ts";
import { explainP2pdma } from "./explain-p2pdma.ts";
import { cpuSupportsP2pdma, hostBridgeWhitelist, pciHostBridgeDev } from "./host-bridge-list.ts";
import { createP2pdmaMapState, pciP2pdmaMapType, pciP2pdmaState } from "./map-type.ts";
import {
  pciAllocP2pmem,
  pciFreeP2pmem,
  pciP2pdmaAddResource,
  pcimP2pdmaInit,
  pcimP2pdmaProvider,
} from "./p2pmem.ts";

interface SwitchBox {
  readonly m: SmallMachine;
  /** The ports of the switch. */
  readonly left: PciDev;
  readonly right: PciDev;
  /** A provider below the left port, a client below the right one, and one that is elsewhere. */
  readonly gpu: PciDev;
  readonly nic: PciDev;
  readonly far: PciDev;
}

function switchBox(spec: SmallMachineSpec = {}): SwitchBox {
  const m = new SmallMachine(spec);
  const [left, right] = m.addSwitch(m.root(), 0);
  const gpu = m.publish(m.add("endpoint", left));
  const nic = m.add("endpoint", right);
  const far = m.add("endpoint", m.add("root-port", m.root()));
  return { m, left, right, gpu, nic, far };
}

function providerOf(fn: PciDev): NonNullable<ReturnType<typeof pcimP2pdmaProvider>> {
  const provider = pcimP2pdmaProvider(fn, 0);
  if (provider === null) throw new Error(`${fn.path} provides nothing`);
  return provider;
}

describe("distances", () => {
  test("of many clients are summed, and one that cannot be reached spoils the sum", () => {
    const { m, gpu, nic, far } = switchBox();
    expect(pciP2pdmaDistanceMany(m.machine, gpu, [nic.dev, gpu.dev])).toBe(4);
    expect(pciP2pdmaDistanceMany(m.machine, gpu, [nic.dev, far.dev])).toBe(-1);
    expect(pciP2pdmaDistanceMany(m.machine, gpu, [])).toBe(-1);
  });

  test("of a device that is no function are those of the function above it", () => {
    const { m, gpu, nic } = switchBox();
    const port = new DmaDevice("a port of the NIC", nic.dev);
    expect(pciP2pdmaDistance(m.machine, gpu, new DmaDevice("a queue", port))).toBe(4);
    expect(pciP2pdmaDistance(m.machine, gpu, new DmaDevice("a platform device"))).toBe(-1);
  });
});

describe("the map type", () => {
  test("is refused to devices that are no functions, and by a provider that is gone", () => {
    const { m, gpu, nic } = switchBox();
    const provider = providerOf(gpu);
    const below = new DmaDevice("a port of the NIC", nic.dev);
    expect(pciP2pdmaMapType(m.machine, provider, below)).toBe(PCI_P2PDMA_MAP_NOT_SUPPORTED);
    expect(pciP2pdmaMapType(m.machine, provider, nic.dev)).toBe(PCI_P2PDMA_MAP_BUS_ADDR);
    gpu.p2pdma = null;
    expect(pciP2pdmaMapType(m.machine, provider, nic.dev)).toBe(PCI_P2PDMA_MAP_NOT_SUPPORTED);
  });

  test("stays as remembered when ACS changes, until somebody asks for the distance", () => {
    const { m, right, gpu, nic } = switchBox();
    const provider = providerOf(gpu);
    const type = (): number => pciP2pdmaMapType(m.machine, provider, nic.dev);
    expect(type()).toBe(PCI_P2PDMA_MAP_BUS_ADDR);
    right.acs?.write(PCI_ACS_RR);
    expect(type()).toBe(PCI_P2PDMA_MAP_BUS_ADDR);
    expect(pciP2pdmaDistance(m.machine, gpu, nic.dev)).toBe(-1);
    expect(type()).toBe(PCI_P2PDMA_MAP_NOT_SUPPORTED);
  });

  test("follows ACS at once when nothing is remembered", () => {
    const { m, right, gpu, nic } = switchBox({ cacheEnabled: false });
    const provider = providerOf(gpu);
    expect(pciP2pdmaMapType(m.machine, provider, nic.dev)).toBe(PCI_P2PDMA_MAP_BUS_ADDR);
    right.acs?.write(PCI_ACS_RR);
    expect(pciP2pdmaMapType(m.machine, provider, nic.dev)).toBe(PCI_P2PDMA_MAP_NOT_SUPPORTED);
  });

  test("of RAM is none, and leaves what a mapping remembers alone", () => {
    const { m, gpu, nic } = switchBox();
    const state = createP2pdmaMapState();
    const provider = providerOf(gpu);
    expect(pciP2pdmaState(m.machine, state, nic.dev, provider)).toBe(PCI_P2PDMA_MAP_BUS_ADDR);
    expect(pciP2pdmaState(m.machine, state, nic.dev, null)).toBe(PCI_P2PDMA_MAP_NONE);
    expect(state).toEqual({ memProvider: provider, map: PCI_P2PDMA_MAP_BUS_ADDR });
  });
});

describe("the nearest provider", () => {
  test("is the published one with the smallest sum; a tie is drawn", () => {
    const { m, left, gpu, nic, far } = switchBox({ host: "zen" });
    const twin = m.publish(m.add("endpoint", left));
    m.publish(far);
    expect(nearestP2pmem(m.machine, [nic.dev])).toEqual([gpu, twin]);
    expect(pciP2pmemFindMany(m.machine, [nic.dev], (count) => count - 1)).toBe(twin);
    expect(pciP2pmemFindMany(m.machine, [far.dev])).toBe(far);
  });

  test("is nobody when none can be reached, or none is published", () => {
    const { m, far, gpu } = switchBox();
    expect(pciP2pmemFindMany(m.machine, [far.dev])).toBeNull();
    pciP2pdmaDistance(m.machine, gpu, gpu.dev);
    expect(pciP2pmemFindMany(new SmallMachine().machine, [far.dev])).toBeNull();
  });
});

describe("the host bridge", () => {
  function bridgeWith(
    kind: PciDev["kind"],
    devfn: number,
    device: number,
    vendor = 0x8086,
  ): PciHostBridge {
    const tree = new PciTree();
    const bridge = tree.addHostBridge({ name: "host", domain: 0, bus: 0 });
    const address = { domain: 0, bus: 0, devfn };
    tree.addFunction({ path: "first", address, kind, vendor, device }, bridge);
    return bridge;
  }

  test.each([
    ["conventional", 0, true],
    ["conventional", 8, false],
    ["pcie-to-pci-bridge", 0, true],
    ["pcie-to-pci-bridge", 8, false],
    ["root-port", 16, true],
  ] as const)("is represented by a %s with devfn %i: %s", (kind, devfn, isRepresented) => {
    const bridge = bridgeWith(kind, devfn, 0x2030);
    expect(pciHostBridgeDev(bridge)).toBe(isRepresented ? bridge.rootFunctions[0] : null);
  });

  test("without functions is represented by nothing", () => {
    const bridge = new PciTree().addHostBridge({ name: "host", domain: 0, bus: 0 });
    expect(pciHostBridgeDev(bridge)).toBeNull();
  });

  test.each(HOST_BRIDGE_LIST)("listed as $vendor:$device qualifies alone", (entry) => {
    const { vendor, device, sameOnly } = entry;
    const fn = pciHostBridgeDev(bridgeWith("conventional", 0, device ?? 0x1234, vendor));
    const other = pciHostBridgeDev(bridgeWith("conventional", 0, 0x2030));
    if (fn === null || other === null) throw new Error("a bridge is not represented");
    const tree = new PciTree();
    const machine = new PciMachine({ tree, cpu: { vendor: "", family: 0 }, ramEndPfn: 1 });
    const answers = (a: PciDev, b: PciDev): string[] =>
      hostBridgeWhitelist(machine, a, b).map(({ answer }) => answer);
    expect(answers(fn, fn)).toEqual(["listed"]);
    expect(answers(fn, other)).toEqual(sameOnly ? ["same-only"] : ["listed", "listed"]);
  });

  test.each([
    ["AuthenticAMD", 0x16, false],
    ["AuthenticAMD", 0x17, true],
    ["AuthenticAMD", 0x1a, true],
    ["HygonGenuine", 0x18, false],
    ["GenuineIntel", 0x19, false],
  ] as const)("does not matter with a CPU %s family %i: %s", (vendor, family, passes) => {
    expect(cpuSupportsP2pdma({ vendor, family })).toBe(passes);
  });
});

describe("peer memory", () => {
  test("is registered inside a BAR only, and not where BARs cannot be mapped", () => {
    const { m, left } = switchBox();
    const fn = m.add("endpoint", left);
    expect(pciP2pdmaAddResource(m.machine, fn, 3)).toBe(-EINVAL);
    expect(pciP2pdmaAddResource(m.machine, fn, 0, 0x101)).toBe(-EINVAL);
    expect(pciP2pdmaAddResource(m.machine, fn, 0, 1, 0x100)).toBe(-EINVAL);
    expect(fn.p2pdma).toBeNull();
    expect(pciP2pdmaAddResource(m.machine, fn, 0, 0xff, 1)).toBe(0);
    const unmappable = Object.assign(m.add("endpoint", left), { nonMappableBars: true });
    expect(pcimP2pdmaInit(m.machine, unmappable)).toBe(-EOPNOTSUPP);
  });

  test("is handed out and taken back", () => {
    const { gpu } = switchBox();
    const first = pciAllocP2pmem(gpu, 0x80);
    expect(pciAllocP2pmem(gpu, 0x80)).toBe(first + 0x80);
    expect(pciAllocP2pmem(gpu, 1)).toBe(-1);
    pciFreeP2pmem(gpu, first, 0x80);
    expect(pciAllocP2pmem(gpu, 0x40)).toBe(first);
  });

  test("a second set-up changes nothing", () => {
    const { m, gpu } = switchBox();
    const before = gpu.p2pdma;
    expect(pcimP2pdmaInit(m.machine, gpu)).toBe(0);
    expect(gpu.p2pdma).toBe(before);
  });
});

describe("explainP2pdma", () => {
  test("names each rule that was tried, with what it found, and the last one decided", () => {
    const { m, right, gpu, nic } = switchBox();
    right.acs?.write(PCI_ACS_RR);
    const { type, distance, steps } = explainP2pdma(m.machine, gpu, nic);
    expect([type, distance]).toEqual([PCI_P2PDMA_MAP_NOT_SUPPORTED, 4]);
    expect(steps.map(({ rule, decided }) => [rule, decided])).toEqual([
      ["p2pdma-below-bridge", false],
      ["p2pdma-cpu", false],
      ["p2pdma-host-bridge", false],
      ["p2pdma-refused", true],
    ]);
    expect(steps[0]?.finding).toContain(`ACS redirects at ${right.path} (request-redirect)`);
    expect(steps[2]?.finding).toBe("host0 as 8086:29c0: not in the list");
  });

  test("stops at the rule that decides", () => {
    const { m, gpu, nic, far } = switchBox({ host: "zen" });
    expect(explainP2pdma(m.machine, gpu, nic).steps).toHaveLength(1);
    expect(explainP2pdma(m.machine, gpu, far)).toMatchObject({
      type: PCI_P2PDMA_MAP_THRU_HOST_BRIDGE,
      steps: [
        { decided: false, finding: "the pair has no bridge in common" },
        { decided: true, finding: "AuthenticAMD family 0x17" },
      ],
    });
  });
});
