// How a PCI device on a POWER9 host is known for an NVLink2 bridge: by properties of its node in
// the device tree, which Linux shows as files in /sys/bus/pci/devices/ADDRESS/of_node.

/** Properties that must all be there. GPUs have `ibm,npu` instead and do not match. */
export const NVLINK2_BRIDGE_PROPERTIES: readonly string[] = [
  "ibm,gpu",
  "ibm,nvlink",
  "ibm,nvlink-speed",
  "memory-region",
];

/** Whether a node with these properties is an NVLink2 bridge. */
export function isNvlink2Bridge(properties: Iterable<string>): boolean {
  const present = new Set(properties);
  return NVLINK2_BRIDGE_PROPERTIES.every((name) => present.has(name));
}
