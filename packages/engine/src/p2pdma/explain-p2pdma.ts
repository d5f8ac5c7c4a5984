// Why a pair of functions talks the way it does: the rules in the order tried, and the one that
// decided.
import {
  acsBitNames,
  PCI_P2PDMA_MAP_BUS_ADDR,
  PCI_P2PDMA_MAP_NONE,
  PCI_P2PDMA_MAP_NOT_SUPPORTED,
  PCI_P2PDMA_MAP_THRU_HOST_BRIDGE,
  PCI_P2PDMA_MAP_UNKNOWN,
  type PciDev,
  type PciMachine,
  type PciP2pdmaMapType,
} from "@faultline/core";
import { ACS_REDIRECT_BITS } from "./acs-redirect.ts";
import { decidePair, type P2pdmaDecision } from "./calc-map-type.ts";
import type { HostBridgeAnswer, HostBridgeVerdict } from "./host-bridge-list.ts";
import { P2PDMA_RULES, type P2pdmaRuleId } from "./p2pdma-rules.ts";

/** One rule as it was tried. */
export interface P2pdmaStep {
  readonly rule: P2pdmaRuleId;
  /** Whether this rule decided; only the last one does. */
  readonly decided: boolean;
  /** What was found on this machine. */
  readonly finding: string;
  /** The rule in words, and where the kernel has it. */
  readonly text: string;
  readonly kernel: string;
}

/** The decision about a pair with its reasons. */
export interface P2pdmaExplanation {
  readonly type: PciP2pdmaMapType;
  readonly distance: number;
  readonly steps: readonly P2pdmaStep[];
}

const TYPE_NAMES: Readonly<Record<PciP2pdmaMapType, string>> = {
  [PCI_P2PDMA_MAP_UNKNOWN]: "PCI_P2PDMA_MAP_UNKNOWN",
  [PCI_P2PDMA_MAP_NONE]: "PCI_P2PDMA_MAP_NONE",
  [PCI_P2PDMA_MAP_NOT_SUPPORTED]: "PCI_P2PDMA_MAP_NOT_SUPPORTED",
  [PCI_P2PDMA_MAP_BUS_ADDR]: "PCI_P2PDMA_MAP_BUS_ADDR",
  [PCI_P2PDMA_MAP_THRU_HOST_BRIDGE]: "PCI_P2PDMA_MAP_THRU_HOST_BRIDGE",
};

/** The kernel's name of a map type. */
export function mapTypeName(type: PciP2pdmaMapType): string {
  return TYPE_NAMES[type];
}

/** Explains how `client` reaches memory of `provider`. Nothing is remembered. */
export function explainP2pdma(
  machine: PciMachine,
  provider: PciDev,
  client: PciDev,
): P2pdmaExplanation {
  const decision = decidePair(machine, provider, client);
  const ids = Object.keys(P2PDMA_RULES) as P2pdmaRuleId[];
  const tried = ids.slice(0, ids.indexOf(decision.decidedBy) + 1);
  const steps = tried.map((rule) => {
    const finding = findingOf(machine, decision, rule);
    return { rule, decided: rule === decision.decidedBy, finding, ...P2PDMA_RULES[rule] };
  });
  return { type: decision.type, distance: decision.distance, steps };
}

function findingOf(machine: PciMachine, decision: P2pdmaDecision, rule: P2pdmaRuleId): string {
  switch (rule) {
    case "p2pdma-below-bridge":
      return wayFinding(decision);
    case "p2pdma-cpu":
      return cpuFinding(machine);
    case "p2pdma-host-bridge":
      return decision.hostBridges.map(bridgeFinding).join("; ");
    default:
      return "no rule allows it";
  }
}

function wayFinding({ meeting, redirecting }: P2pdmaDecision): string {
  if (meeting === null) return "the pair has no bridge in common";
  const where = `the pair meets at ${meeting.path}`;
  if (redirecting.length === 0) return `${where}, and no port on the way redirects`;
  const ports = redirecting.map(
    ({ path, acs }) => `${path} (${acsBitNames((acs?.ctrl ?? 0) & ACS_REDIRECT_BITS).join(", ")})`,
  );
  return `${where}, but ACS redirects at ${ports.join(", ")}`;
}

function cpuFinding({ cpu: { vendor, family }, p2pdma }: PciMachine): string {
  const name = `${vendor === "" ? "a CPU without CPUID" : vendor} family 0x${family.toString(16)}`;
  return p2pdma.zenRule ? name : `${name}; the rule is switched off`;
}

const ANSWERS: Readonly<Record<HostBridgeAnswer, string>> = {
  listed: "in the list",
  unlisted: "not in the list",
  "same-only": "in the list for pairs below the same host bridge only",
  "not-represented": "its first function is neither device 0 function 0 nor a root port",
};

function bridgeFinding({ bridge, representative, answer }: HostBridgeVerdict): string {
  if (representative === null) return `${bridge.name}: ${ANSWERS[answer]}`;
  const hex = (id: number): string => id.toString(16).padStart(4, "0");
  const id = `${hex(representative.vendor)}:${hex(representative.device)}`;
  return `${bridge.name} as ${id}: ${ANSWERS[answer]}`;
}
