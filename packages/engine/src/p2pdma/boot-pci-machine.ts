// From a machine as it is built to one whose kernel runs and whose drivers offer peer memory.
import { invariant, IommuDomain, type PciBootSpec, PciMachine } from "@faultline/core";
import { dmaSetMask } from "../dma/dma-device-limits.ts";
import { attachIommuDomain } from "../dma/iommu-dma.ts";
import { pciSwiotlbDetect } from "../dma/swiotlb-detect.ts";
import { enableAcs, iommuRequestsAcs } from "./enable-acs.ts";
import { pciP2pdmaAddResource, pciP2pmemPublish } from "./p2pmem.ts";

const IOVA_BITS = 48;
const FULL_MASK_BITS = 64;

/** Boots a machine: bounce buffers, ACS controls, IOMMU domains, then the drivers' part. */
export function bootPciMachine(spec: PciBootSpec): PciMachine {
  const { tree, cpu, ramEndPfn, lowEndPfn, pageShift, iommu } = spec;
  const swiotlb = pciSwiotlbDetect(ramEndPfn, lowEndPfn, spec.swiotlb, pageShift);
  const machine = new PciMachine({ tree, cpu, ramEndPfn, pageShift, swiotlb });
  const isRequested = iommu !== null && iommuRequestsAcs(iommu.vendor, iommu.mode === "off");
  enableAcs(machine, isRequested, spec.acs);
  if (iommu !== null && iommu.mode !== "off") {
    const domains = new Map<string, IommuDomain>();
    for (const [{ dev }, name] of spec.groups) {
      const nrPages = 2 ** (IOVA_BITS - pageShift);
      const domain = domains.get(name) ?? new IommuDomain(name, iommu.mode, nrPages);
      domains.set(name, domain);
      attachIommuDomain(machine, dev, domain);
    }
  }
  for (const { dev } of tree.functions) dmaSetMask(dev, FULL_MASK_BITS);
  for (const { fn, bar, nrPages } of spec.peerMemory) {
    const rc = pciP2pdmaAddResource(machine, fn, bar, nrPages);
    invariant(rc === 0, `BAR ${bar} of ${fn.path} cannot be peer memory: ${rc}`);
    pciP2pmemPublish(fn, true);
  }
  return machine;
}
