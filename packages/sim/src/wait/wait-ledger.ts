// Who waited for whom, and how long: an account of all waits of a run, for reports.
import type { Sim } from "../actor/sim.ts";
import { WaitStats } from "./wait-stats.ts";
import { waitName } from "./wait-kinds.ts";
import type { FinishedWait } from "./waitable.ts";

/** Waits of one actor for one thing that one actor held. */
export interface LedgerEntry {
  readonly waiter: string;
  /** Who held it when the wait began; null when nobody did or it is not known. */
  readonly holder: string | null;
  /** A word of the wait vocabulary, or `idle`. */
  readonly kind: string;
  readonly object: string;
  readonly stats: WaitStats;
}

/** Adds up waits by waiter, holder and object. */
export class WaitLedger {
  private readonly byKey = new Map<string, LedgerEntry>();

  /** Begins to listen; there is one listener per simulation. */
  constructor(sim: Sim) {
    sim.onWait = (wait) => this.add(wait);
  }

  /** What was waited, most time first. */
  entries(): LedgerEntry[] {
    const time = ({ stats }: LedgerEntry): number => stats.total.toNumber();
    return [...this.byKey.values()].sort((a, b) => time(b) - time(a));
  }

  private add({ waiter, holder, kind, waitable, waitedPs }: FinishedWait): void {
    const holderName = holder?.name ?? null;
    const key = JSON.stringify([waiter.name, holderName, waitable.name]);
    let entry = this.byKey.get(key);
    if (entry === undefined) {
      entry = {
        waiter: waiter.name,
        holder: holderName,
        kind: waitName(kind),
        object: waitable.name,
        stats: new WaitStats(),
      };
      this.byKey.set(key, entry);
    }
    entry.stats.add(waitedPs);
  }
}
