// Which paths a driver considers, in which order: what 7.2's drivers do, and the three-way choice
// of the 2024 discussion.
import type { Designs } from "@faultline/core";
import type { PathRuleId } from "./path-rules.ts";

/** What a driver does about paths. */
export interface PathPolicy {
  /** The rules a requester tries; the first that applies gives the path. */
  readonly rules: readonly PathRuleId[];
  /** File and function of the driver that choose; null for a design that no driver has. */
  readonly decidedBy: string | null;
}

/** xe in 7.2: its own memory, a peer's BAR inside the group, system memory. */
export const XE_PATHS: PathPolicy = {
  rules: ["path-local", "path-peer-bar", "path-system"],
  decidedBy: "drivers/gpu/drm/xe/xe_svm.c:xe_drm_pagemap_device_map",
};

/** amdkfd in 7.2: its own memory, the hive, system memory; PCIe never. */
export const AMDKFD_PATHS: PathPolicy = {
  rules: ["path-local", "path-interconnect", "path-system"],
  decidedBy: "drivers/gpu/drm/amd/amdkfd/kfd_svm.c:svm_range_dma_map_dev",
};

/** amdkfd with the parameter `kfd.mapPeerOverPcie`: through a peer's BAR, too. */
export const AMDKFD_PCIE_PATHS: PathPolicy = {
  rules: ["path-local", "path-interconnect", "path-peer-bar", "path-system"],
  decidedBy: null,
};

/** UVM: its own memory, NVLink peers, BAR1 peers, system memory. */
export const UVM_PATHS: PathPolicy = {
  rules: ["path-local", "path-interconnect", "path-peer-bar", "path-system"],
  decidedBy: "kernel-open/nvidia-uvm/uvm_va_block.c",
};

/** nouveau in 7.2: its own memory and system memory. */
export const NOUVEAU_PATHS: PathPolicy = {
  rules: ["path-local", "path-system"],
  decidedBy: "drivers/gpu/drm/nouveau/nouveau_svm.c:nouveau_svm_fault",
};

/**
 * A GPU that walks the CPUs' tables: each address it gets is a physical one, and its links decide
 * what carries the access.
 */
export const ATS_PATHS: PathPolicy = {
  rules: ["path-local", "path-interconnect", "path-system"],
  decidedBy: "drivers/iommu/iommu-sva.c:iommu_sva_handle_mm",
};

/** A NIC's on-demand paging: what hmm_dma_map_pfn() maps. */
export const ODP_PATHS: PathPolicy = {
  rules: ["path-p2p-page", "path-system"],
  decidedBy: "mm/hmm.c:hmm_dma_map_pfn",
};

/** The choice of local, interconnect or PCI, for a driver that has all of them. */
export const THREE_WAY_PATHS: PathPolicy = {
  rules: ["path-local", "path-interconnect", "path-p2p-page", "path-peer-bar", "path-system"],
  decidedBy: null,
};

/**
 * A driver's policy under the world's designs: `pte.apertures: threeWay` gives every GPU all of
 * them, `path.inspectP2pPgmap` or a fabric translator lets P2P pages take a private link.
 */
export function pathPolicy(designs: Designs, vendor: PathPolicy): PathPolicy {
  const isThreeWay = designs["pte.apertures"] === "threeWay" && vendor.rules.includes("path-local");
  const base = isThreeWay ? THREE_WAY_PATHS : vendor;
  const { rules } = base;
  if (!inspectsP2pPages(designs) || rules.includes("path-interconnect")) return base;
  const at = rules.indexOf("path-p2p-page");
  return at < 0 ? base : { ...base, rules: rules.toSpliced(at, 0, "path-interconnect") };
}

/** Whether a P2P page may take a private link: by its pgmap, or by a translator for the fabric. */
export function inspectsP2pPages(designs: Designs): boolean {
  return designs["path.inspectP2pPgmap"] === "on" || designs["p2p.translators"] === "fabric";
}
