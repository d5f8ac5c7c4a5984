// How one device reaches another's memory, as text: owner spaces, the rules of the driver for each
// kind of page, what PCI says about the pair.
import { mapTypeName, type P2pdmaExplanation } from "@faultline/engine";
import type { PageReach, ReachExplanation } from "@faultline/stacks";

/** The explanation as lines of text, ending with a line break. */
export function formatReach(reach: ReachExplanation): string {
  const { requester, holder, owners, pages, pci } = reach;
  const [own, other] = owners;
  const spaces = own === other ? `both in ${own}` : `${own}; ${other}`;
  const lines = [
    `${requester} reaches memory of ${holder}`,
    `  owner spaces: ${spaces}`,
    ...pages.flatMap((page) => formatPage(page)),
    ...(pages.length === 0 ? [`  ${holder} has no memory of its own`] : []),
    ...(pci === null ? ["  PCI: one of the two has no function"] : formatPci(pci)),
  ];
  return `${lines.join("\n")}\n`;
}

function formatPage({ page, aperture, steps, address }: PageReach): string[] {
  const where =
    address === null ? "" : `, page 0x${address.page.toString(16)} of the ${address.space}`;
  return [
    `  a ${page}: ${aperture === null ? "moves first" : `${aperture}${where}`}`,
    ...steps.map(({ decided, finding, text, kernel }) => ruleLine(decided, finding, text, kernel)),
  ];
}

function formatPci({ type, distance, steps }: P2pdmaExplanation): string[] {
  return [
    `  PCI: ${mapTypeName(type)}, ${distance} hops`,
    ...steps.map(({ decided, finding, text, kernel }) => ruleLine(decided, finding, text, kernel)),
  ];
}

function ruleLine(decided: boolean, finding: string, text: string, kernel: string | null): string {
  const where = kernel === null ? "" : ` [${kernel}]`;
  return `    ${decided ? "yes" : "no "}  ${finding}. ${text}${where}`;
}
