// The Access Control Services capability of a PCIe function. Mirrors the ACS part of
// include/uapi/linux/pci_regs.h; the egress control vector is left out.

/** Source Validation: a request must carry a bus number from below its port. */
export const PCI_ACS_SV = 0x01;
/** Translation Blocking: requests that claim to be translated are refused. */
export const PCI_ACS_TB = 0x02;
/** P2P Request Redirect: requests to peers go up to the root. */
export const PCI_ACS_RR = 0x04;
/** P2P Completion Redirect: completions to peers go up to the root. */
export const PCI_ACS_CR = 0x08;
/** Upstream Forwarding: what comes back from the root for below is let through. */
export const PCI_ACS_UF = 0x10;
/** P2P Egress Control: a vector says which peers may be reached. */
export const PCI_ACS_EC = 0x20;
/** Direct Translated P2P: translated requests may go straight to peers. */
export const PCI_ACS_DT = 0x40;

/** Each bit with its name in text, lowest first. */
export const ACS_BIT_NAMES: readonly (readonly [bit: number, name: string])[] = [
  [PCI_ACS_SV, "source-validation"],
  [PCI_ACS_TB, "translation-blocking"],
  [PCI_ACS_RR, "request-redirect"],
  [PCI_ACS_CR, "completion-redirect"],
  [PCI_ACS_UF, "upstream-forwarding"],
  [PCI_ACS_EC, "egress-control"],
  [PCI_ACS_DT, "direct-translated"],
];

/** The capability: what the hardware has, and the control register. */
export class AcsCapability {
  /** PCI_ACS_* bits that are implemented; the others read as 0. */
  readonly cap: number;
  /** The control value that firmware left. */
  readonly powerUp: number;
  private control: number;

  constructor(cap: number, powerUp = 0) {
    this.cap = cap;
    this.powerUp = powerUp & cap;
    this.control = this.powerUp;
  }

  /** The control value in force. */
  get ctrl(): number {
    return this.control;
  }

  /** Writes the control register; bits that the hardware lacks stay 0. */
  write(value: number): void {
    this.control = value & this.cap;
  }
}

/** The names of the bits set in a control or capability value. */
export function acsBitNames(value: number): string[] {
  return ACS_BIT_NAMES.filter(([bit]) => (value & bit) !== 0).map(([, name]) => name);
}
