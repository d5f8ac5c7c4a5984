// Whether peer requests may pass the root: by the CPU, or by the host bridges. Mirrors
// drivers/pci/p2pdma.c.
import type { HostCpu, PciDev, PciHostBridge, PciMachine } from "@faultline/core";

const ZEN_FAMILY = 0x17;

/**
 * What the list says about one host bridge: it qualifies, it is not in the list, it is but only for
 * pairs below one bridge, or nothing represents it.
 */
export type HostBridgeAnswer = "listed" | "unlisted" | "same-only" | "not-represented";

/** A host bridge, the function that stands for it, and the answer. */
export interface HostBridgeVerdict {
  readonly bridge: PciHostBridge;
  readonly representative: PciDev | null;
  readonly answer: HostBridgeAnswer;
}

/** @kernel drivers/pci/p2pdma.c cpu_supports_p2pdma (v7.2) */
export function cpuSupportsP2pdma({ vendor, family }: HostCpu): boolean {
  return vendor === "AuthenticAMD" && family >= ZEN_FAMILY;
}

/**
 * The first function of the root bus, if it can stand for the host bridge: it is device 0 function
 * 0, or a root port.
 * @kernel drivers/pci/p2pdma.c pci_host_bridge_dev (v7.2)
 */
export function pciHostBridgeDev(bridge: PciHostBridge): PciDev | null {
  const [first] = bridge.rootFunctions;
  if (first === undefined) return null;
  return first.address.devfn === 0 || first.kind === "root-port" ? first : null;
}

/**
 * Looks up the bridges of a pair, one when they share it. The second is asked only when the first
 * qualifies; the pair may pass when every verdict is `listed`.
 * @kernel drivers/pci/p2pdma.c host_bridge_whitelist (v7.2)
 */
export function hostBridgeWhitelist(
  machine: PciMachine,
  a: PciDev,
  b: PciDev,
): readonly HostBridgeVerdict[] {
  const isSame = a.hostBridge === b.hostBridge;
  const first = lookUp(machine, a.hostBridge, isSame);
  if (isSame || first.answer !== "listed") return [first];
  return [first, lookUp(machine, b.hostBridge, isSame)];
}

/** @kernel drivers/pci/p2pdma.c __host_bridge_whitelist (v7.2) */
function lookUp(machine: PciMachine, bridge: PciHostBridge, isSame: boolean): HostBridgeVerdict {
  const representative = pciHostBridgeDev(bridge);
  if (representative === null) return { bridge, representative, answer: "not-represented" };
  const { vendor, device } = representative;
  const entry = machine.p2pdma.hostBridgeList.find(
    (listed) => listed.vendor === vendor && (listed.device ?? device) === device,
  );
  if (entry === undefined) return { bridge, representative, answer: "unlisted" };
  const answer = entry.sameOnly && !isSame ? "same-only" : "listed";
  return { bridge, representative, answer };
}
