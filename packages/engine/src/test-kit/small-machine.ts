// PCI machines for tests: a host of one of four kinds, and functions added below it by path.
import {
  AcsCapability,
  invariant,
  IommuDomain,
  type IommuDomainKind,
  type PciBar,
  type PciDev,
  type PciHostBridge,
  type PciKind,
  PciMachine,
  PciTree,
  type SwiotlbMode,
} from "@faultline/core";
import { attachIommuDomain } from "../dma/iommu-dma.ts";
import { pciP2pdmaAddResource, pciP2pmemPublish } from "../p2pdma/p2pmem.ts";
import { pciSwiotlbDetect } from "../dma/swiotlb-detect.ts";

/**
 * `zen` passes by its CPU, `skx` by its host bridge, `hsw` by its host bridge but only below one,
 * `none` not at all.
 */
export type HostKind = "zen" | "skx" | "hsw" | "none";

export const HOST_KINDS: readonly HostKind[] = ["zen", "skx", "hsw", "none"];

const INTEL = { vendor: "GenuineIntel", family: 6 };
const HOSTS = {
  zen: { cpu: { vendor: "AuthenticAMD", family: 0x17 }, vendor: 0x1022, device: 0x1450 },
  skx: { cpu: INTEL, vendor: 0x8086, device: 0x2030 },
  hsw: { cpu: INTEL, vendor: 0x8086, device: 0x2f00 },
  none: { cpu: INTEL, vendor: 0x8086, device: 0x29c0 },
} as const;

const BUSES_PER_BRIDGE = 0x40;
const BAR_BYTES = 0x10_0000n;
const FIRST_BAR = 0x10_0000_0000n;
const ALL_ACS_BITS = 0x7f;
const IOVA_PAGES = 2 ** 36;

/** How a machine for tests differs from one with 1 GiB of RAM and no bounce buffers. */
export interface SmallMachineSpec {
  readonly host?: HostKind;
  readonly nrBridges?: number;
  readonly ramEndPfn?: number;
  readonly swiotlb?: SwiotlbMode;
  readonly cacheEnabled?: boolean;
  /** Added to CPU addresses to get bus addresses. */
  readonly busOffset?: bigint;
}

/** One machine under construction. */
export class SmallMachine {
  readonly machine: PciMachine;
  readonly bridges: readonly PciHostBridge[];
  private readonly busOffset: bigint;
  private nrFunctions = 0;

  constructor(spec: SmallMachineSpec = {}) {
    const { cpu, vendor, device } = HOSTS[spec.host ?? "none"];
    const tree = new PciTree();
    this.busOffset = spec.busOffset ?? 0n;
    this.bridges = Array.from({ length: spec.nrBridges ?? 1 }, (_, n) => {
      const bus = n * BUSES_PER_BRIDGE;
      const windows = [{ busStart: FIRST_BAR + this.busOffset, sizeBytes: BAR_BYTES * 0x1000n }];
      const bridge = tree.addHostBridge({ name: `host${n}`, domain: 0, bus, windows });
      const address = { domain: 0, bus, devfn: 0 };
      const kind = "conventional";
      tree.addFunction({ path: `host${n}/first`, address, kind, vendor, device }, bridge);
      return bridge;
    });
    const ramEndPfn = spec.ramEndPfn ?? 0x4_0000;
    const lowEndPfn = Math.min(ramEndPfn, 0x8_0000);
    const swiotlb = pciSwiotlbDetect(ramEndPfn, lowEndPfn, spec.swiotlb);
    const p2pdma = { cacheEnabled: spec.cacheEnabled ?? true };
    this.machine = new PciMachine({ tree, cpu, ramEndPfn, swiotlb, p2pdma });
  }

  /** Adds a function; `acs` is the control value of an ACS capability, null for none. */
  add(kind: PciKind, above: PciHostBridge | PciDev, acs: number | null = null): PciDev {
    const n = ++this.nrFunctions;
    const isOnRoot = !("kind" in above);
    const bus = isOnRoot ? above.bus : above.hostBridge.bus + 1 + (n >> 5);
    const devfn = isOnRoot ? 8 + n : ((n & 31) << 3) | 1;
    const start = FIRST_BAR + BigInt(n) * BAR_BYTES;
    const bar: PciBar = {
      index: 0,
      start,
      busStart: start + this.busOffset,
      sizeBytes: BAR_BYTES,
      isPrefetchable: true,
      is64Bit: true,
    };
    const path = `${isOnRoot ? above.name : above.path}/${n}`;
    const ids = { vendor: 0x1b36, device: n };
    const acsCapability = acs === null ? null : new AcsCapability(ALL_ACS_BITS, acs);
    const spec = { path, address: { domain: 0, bus, devfn }, kind, ...ids, acs: acsCapability };
    return this.machine.tree.addFunction({ ...spec, bars: [bar] }, above);
  }

  /** The host bridge with a number. */
  root(n = 0): PciHostBridge {
    const bridge = this.bridges[n];
    invariant(bridge !== undefined, `there is no host bridge ${n}`);
    return bridge;
  }

  /** A switch below a port, or below a root port of its own; gives its two downstream ports. */
  addSwitch(
    above: PciHostBridge | PciDev,
    acs: number | null = null,
  ): readonly [left: PciDev, right: PciDev] {
    const port = "kind" in above ? above : this.add("root-port", above);
    const upstream = this.add("switch-upstream", port);
    const add = (): PciDev => this.add("switch-downstream", upstream, acs);
    return [add(), add()];
  }

  /** Makes a function a published provider. */
  publish(fn: PciDev): PciDev {
    pciP2pdmaAddResource(this.machine, fn, 0);
    pciP2pmemPublish(fn, true);
    return fn;
  }

  /** Puts a requester behind an IOMMU, in a group of its own. */
  attach(fn: PciDev, kind: IommuDomainKind): IommuDomain {
    const domain = new IommuDomain(`group of ${fn.path}`, kind, IOVA_PAGES);
    attachIommuDomain(this.machine, fn.dev, domain);
    return domain;
  }
}
