// Whether a function sends peer requests up to the root instead of across. Mirrors the ACS test of
// drivers/pci/p2pdma.c.
import { PCI_ACS_CR, PCI_ACS_EC, PCI_ACS_RR, type PciDev } from "@faultline/core";

/** The control bits that keep peer requests from crossing a port. */
export const ACS_REDIRECT_BITS: number = PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_EC;

/**
 * True for a function whose ACS control redirects; one without the capability never does.
 * @kernel drivers/pci/p2pdma.c pci_bridge_has_acs_redir (v7.2)
 */
export function pciBridgeHasAcsRedir({ acs }: PciDev): boolean {
  return acs !== null && (acs.ctrl & ACS_REDIRECT_BITS) !== 0;
}
