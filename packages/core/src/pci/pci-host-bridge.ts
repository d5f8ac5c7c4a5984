// struct pci_host_bridge: the way from the CPUs to one root bus. Mirrors include/linux/pci.h.
import type { DmaSpace } from "./dma-address.ts";
import type { PciDev } from "./pci-dev.ts";

/** A range of bus addresses that a host bridge forwards downward, in bytes. */
export interface PciWindow {
  readonly busStart: bigint;
  readonly sizeBytes: bigint;
}

/** What a host bridge is made from. */
export interface PciHostBridgeSpec {
  readonly name: string;
  readonly domain: number;
  /** Number of its root bus. */
  readonly bus: number;
  /** CPU socket it belongs to. @defaultValue 0 */
  readonly socket?: number;
  /** Bus addresses that lead down from here. @defaultValue none */
  readonly windows?: readonly PciWindow[];
}

/** One host bridge. */
export class PciHostBridge {
  readonly name: string;
  readonly domain: number;
  readonly bus: number;
  readonly socket: number;
  readonly windows: readonly PciWindow[];
  /** Addresses on the wires below this bridge. */
  readonly space: DmaSpace;
  /** The functions on its root bus, in order of their addresses. */
  readonly rootFunctions: PciDev[] = [];

  constructor(spec: PciHostBridgeSpec) {
    this.name = spec.name;
    this.domain = spec.domain;
    this.bus = spec.bus;
    this.socket = spec.socket ?? 0;
    this.windows = spec.windows ?? [];
    this.space = { kind: "bus", name: `bus addresses below ${spec.name}` };
  }
}
