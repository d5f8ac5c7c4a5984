// Daemons and their settings: khugepaged and ksmd run only inside their own operations.

import { EINVAL, errnoName } from "@faultline/core";
import { khugepagedDoScan, khugepagedScan, ksmScan } from "@faultline/engine";
import type { OpHandlers } from "./op-handler.ts";

export const DAEMON_OPERATIONS: OpHandlers<"khscan" | "khset" | "thp" | "ksmscan" | "ksmset"> = {
  khscan: ({ machine }) => {
    const kc = machine.run(khugepagedScan(machine.world));
    // With "always", blocks outside the window may be collapsed too, so none are counted.
    return machine.world.settings.thpEnabled === "always" ? { r: 0 } : { r: 0, kc };
  },
  khset: ({ machine }, op) => {
    const { settings, blockPages } = machine.world;
    if (Math.max(op.none, op.swap, op.shared) >= blockPages) return { e: errnoName(EINVAL) };
    settings.maxPtesNone = op.none;
    settings.maxPtesSwap = op.swap;
    settings.maxPtesShared = op.shared;
    return { r: 0 };
  },
  thp: ({ machine }, op) => {
    const { settings } = machine.world;
    const startsDaemon = settings.thpEnabled === "never" && op.enabled !== "never";
    settings.thpEnabled = op.enabled;
    // A new khugepaged makes one pass before it sleeps.
    if (startsDaemon) machine.run(khugepagedDoScan(machine.world));
    return { r: 0 };
  },
  ksmscan: ({ machine }, op) => {
    machine.run(ksmScan(machine.world, op.scans));
    return { r: 0 };
  },
  ksmset: ({ machine }, op) => {
    machine.world.settings.ksmUseZeroPages = op.useZeroPages === 1;
    return { r: 0 };
  },
};
