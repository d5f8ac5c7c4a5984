// Why a NIC's access made pages of a GPU migrate, from what decided in a short run without a clock.
import { invariant } from "@faultline/core";
import {
  decisionTotals,
  loadScenario,
  runUntimedScenario,
  stackOf,
  timedPlan,
} from "@faultline/scenario";
import { explainReach } from "@faultline/stacks";
import { referencedMachines } from "../machines/referenced-machines.ts";
import { RDMA_NIC, type RdmaCell, rdmaChoice, rdmaScenario } from "./rdma-cell.ts";

/** The reason in a few words; null where nothing had to migrate. */
export function fallbackReason(cell: RdmaCell): string | null {
  const { plan } = loadScenario(rdmaScenario(cell, 1), "<bench>", referencedMachines);
  invariant(plan !== null, "a cell is no scenario");
  let pci = "";
  const planned = timedPlan(plan, rdmaChoice(cell));
  const result = runUntimedScenario(planned.plan, {
    atEnd: ({ devices, deviceNames }) => {
      const nic = stackOf(devices[deviceNames.indexOf(RDMA_NIC)]);
      const gpu = stackOf(devices[deviceNames.indexOf(cell.machine.gpu)]);
      if (nic === null || gpu === null) return;
      // The last step only says that none of those before has allowed it.
      pci = explainReach(nic, gpu).pci?.steps.at(-2)?.finding ?? "";
    },
  });
  const rules = new Map(decisionTotals(result).map(({ rule, nrPages }) => [rule, nrPages]));
  if (!rules.has("device-private-fault")) {
    return rules.has("migrate-moved") ? null : "the driver maps memory where it is";
  }
  if (!("hmm.p2pOp" in cell.design.designs)) return "7.2 has no op that would show the page";
  if (rules.has("odp-without-p2p")) return `the P2P page cannot be mapped for the NIC (${pci})`;
  if (rules.has("hmm-p2p-none")) return `the op has no P2P page for this NIC (${pci})`;
  return "one huge entry maps the pages, and the series looks at single ones only";
}
