// Which ACS controls are in force after boot. Mirrors drivers/pci/pci.c; quirks of single devices
// and ports that the firmware marks as external are left out.
import {
  type AcsCapability,
  type AcsOptions,
  PCI_ACS_CR,
  PCI_ACS_RR,
  PCI_ACS_SV,
  PCI_ACS_TB,
  PCI_ACS_UF,
  type PciDev,
  type PciMachine,
} from "@faultline/core";
import { ACS_REDIRECT_BITS } from "./acs-redirect.ts";

/**
 * Whether finding an IOMMU asks for ACS. Intel's is asked about after its switch was looked at,
 * AMD's before, so that an AMD IOMMU that is switched off leaves the redirects behind.
 * @kernelpart drivers/iommu/amd/init.c detect_ivrs (v7.2) the request alone, for both vendors
 */
export function iommuRequestsAcs(iommu: "intel" | "amd", isSwitchedOff: boolean): boolean {
  return iommu === "amd" || !isSwitchedOff;
}

/**
 * Sets the control registers of every function as a boot does.
 * @param isRequested a subsystem asked for ACS before PCI was scanned.
 */
export function enableAcs(machine: PciMachine, isRequested: boolean, options: AcsOptions): void {
  for (const fn of machine.tree.functions) {
    if (fn.acs !== null) pciEnableAcs(fn, fn.acs, isRequested, options);
  }
}

/**
 * Boot options start again from what firmware left: they also lose what the request had set.
 * @kernel drivers/pci/pci.c pci_enable_acs (v7.2)
 */
function pciEnableAcs(
  fn: PciDev,
  acs: AcsCapability,
  isRequested: boolean,
  options: AcsOptions,
): void {
  const { atsIsOff = false, disableAcsRedir, configAcs } = options;
  let value = isRequested ? pciStdEnableAcs(acs, atsIsOff) : acs.powerUp;
  if (disableAcsRedir?.includes(fn.path) === true) value = acs.powerUp & ~ACS_REDIRECT_BITS;
  const entry = configAcs?.find(({ path }) => path === fn.path);
  if (entry !== undefined) value = pciConfigAcs(acs.powerUp, entry.flags);
  acs.write(value);
}

/**
 * The standard set, on top of what firmware left.
 * @kernel drivers/pci/pci.c pci_std_enable_acs (v7.2)
 */
function pciStdEnableAcs(acs: AcsCapability, atsIsOff: boolean): number {
  const standard = PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF;
  return acs.powerUp | (acs.cap & (atsIsOff ? standard | PCI_ACS_TB : standard));
}

/**
 * The firmware's value with the positions that are written 0 or 1 replaced.
 * @kernel drivers/pci/pci.c __pci_config_acs (v7.2)
 */
function pciConfigAcs(firmware: number, flags: string): number {
  let value = firmware;
  for (let bit = 0; bit < flags.length; bit++) {
    const flag = flags[flags.length - 1 - bit];
    if (flag === "1") value |= 1 << bit;
    if (flag === "0") value &= ~(1 << bit);
  }
  return value;
}
