// Which PCI functions of a POWER9 host are NVLink2 bridges, from its device tree.
import { formatPciAddress } from "@faultline/core";
import { type DeviceTree, type DtNode, nodesOf } from "../devicetree/device-tree.ts";
import { cellOf, pciAddressOf } from "../devicetree/dt-value.ts";
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
  let domain: number | null = null;
  for (let at: DtNode | null = node; at !== null && domain === null; at = at.parent) {
    domain = cellOf(at, "linux,pci-domain");
  }
  if (domain === null || !node.properties.has("reg")) return null;
  return formatPciAddress(pciAddressOf(node, domain));
}
