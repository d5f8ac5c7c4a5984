// Which PCI functions of a POWER9 host are NVLink2 bridges, from its device tree.
import { type DeviceTree, type DtNode, nodesOf } from "../devicetree/device-tree.ts";
import { cellOf, cellsOf } from "../devicetree/dt-value.ts";
import { isNvlink2Bridge } from "./nvlink2-bridge.ts";

/**
 * Their addresses on the host, such as 0006:00:00.1. A bridge below a host bridge whose domain the
 * tree does not say (`linux,pci-domain`) has none and is left out.
 */
export function nvlink2BridgesOf({ root }: DeviceTree): string[] {
  return [...nodesOf(root)]
    .filter(({ properties }) => isNvlink2Bridge(properties.keys()))
    .flatMap((node) => hostAddress(node) ?? []);
}

function hostAddress(node: DtNode): string | null {
  const address = cellsOf(node, "reg")?.[0];
  let domain: number | null = null;
  for (let at: DtNode | null = node; at !== null && domain === null; at = at.parent) {
    domain = cellOf(at, "linux,pci-domain");
  }
  if (address === undefined || domain === null) return null;
  const hex = (value: number, width: number): string => value.toString(16).padStart(width, "0");
  const [bus, device, fn] = [(address >>> 16) & 0xff, (address >>> 11) & 0x1f, (address >>> 8) & 7];
  return `${hex(domain, 4)}:${hex(bus, 2)}:${hex(device, 2)}.${fn}`;
}
