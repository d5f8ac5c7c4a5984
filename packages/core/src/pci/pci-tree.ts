// The PCI hierarchy: host bridges, and functions below them, found by path or address.
import { invariant } from "../invariant-error.ts";
import { formatPciAddress, type PciAddress, pciAddressKey } from "./pci-address.ts";
import { PCI_BRIDGE_KINDS, PciDev, type PciDevSpec } from "./pci-dev.ts";
import { PciHostBridge, type PciHostBridgeSpec } from "./pci-host-bridge.ts";

/** Grows from the host bridges downward, so it cannot have a cycle. */
export class PciTree {
  readonly hostBridges: PciHostBridge[] = [];
  /** In the order in which they were added. */
  readonly functions: PciDev[] = [];
  private readonly byPath = new Map<string, PciDev>();
  private readonly byAddress = new Map<number, PciDev>();

  addHostBridge(spec: PciHostBridgeSpec): PciHostBridge {
    const bridge = new PciHostBridge(spec);
    this.hostBridges.push(bridge);
    return bridge;
  }

  /** Adds a function on a root bus, or on the bus below a bridge. */
  addFunction(spec: PciDevSpec, above: PciHostBridge | PciDev): PciDev {
    const upstream = above instanceof PciDev ? above : null;
    const hostBridge = above instanceof PciDev ? above.hostBridge : above;
    const key = pciAddressKey(spec.address);
    invariant(!this.byPath.has(spec.path), `two functions have the path ${spec.path}`);
    invariant(!this.byAddress.has(key), `two functions at ${formatPciAddress(spec.address)}`);
    invariant(
      upstream === null || PCI_BRIDGE_KINDS.has(upstream.kind),
      `${spec.path} cannot be below ${upstream?.path}, which is no bridge`,
    );
    const fn = new PciDev(spec, hostBridge, upstream);
    this.functions.push(fn);
    this.byPath.set(spec.path, fn);
    this.byAddress.set(key, fn);
    if (upstream === null) {
      const { rootFunctions } = hostBridge;
      rootFunctions.push(fn);
      rootFunctions.sort((a, b) => pciAddressKey(a.address) - pciAddressKey(b.address));
    }
    return fn;
  }

  /** The function with a path. */
  atPath(path: string): PciDev | undefined {
    return this.byPath.get(path);
  }

  /** The function at an address. */
  atAddress(address: PciAddress): PciDev | undefined {
    return this.byAddress.get(pciAddressKey(address));
  }
}
