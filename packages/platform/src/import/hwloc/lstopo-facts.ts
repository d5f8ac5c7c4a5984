// What lstopo's text says, under the names of docs/import.md.
import { isGpuByClass } from "./hwloc-devices.ts";
import type { HwlocObject, HwlocTopology } from "./read-hwloc.ts";

/** All facts. */
export function lstopoFacts({ objects }: HwlocTopology): Record<string, unknown> {
  const count = (type: string): number => objects.filter((one) => one.type === type).length;
  const nodes = objects.filter(({ type }) => type === "NUMANode");
  const sizes = [...new Set(nodes.map(({ attributes }) => attributes.get("size_text") ?? null))];
  const busId = ({ attributes }: HwlocObject): string | null => attributes.get("pci_busid") ?? null;
  const names = ({ children }: HwlocObject): string[] =>
    children.map(({ attributes }) => attributes.get("name") ?? "");
  const devices = objects.filter(({ type }) => type === "PCIDev");
  return {
    packages: count("Package"),
    cores: count("Core"),
    pus: count("PU"),
    numaNodes: nodes.length,
    numaText: sizes.length === 1 ? sizes[0] : sizes,
    pciDevices: devices.length,
    gpuCandidates: devices.filter(isGpuByClass).map((one) => ({
      pci: busId(one),
      lstopoClass: one.attributes.get("pci_class") ?? null,
      osdevs: names(one),
    })),
    nics: devices.filter((one) => names(one).some((name) => RDMA.test(name))).map(busId),
  };
}

/** Interfaces of NICs that can do RDMA. */
const RDMA = /^(?:mlx\d|hfi|irdma|bnxt_re|rocep|ibp|efa|qedr|erdma|rdmap|ionic|usnic)/;
