// Who reads the event stream of a GPU: a file descriptor with a mask of events and a queue of
// bytes. Mirrors struct kfd_smi_client of drivers/gpu/drm/amd/amdkfd/kfd_smi_events.c.
import { SMI_EVENT_NUMBERS, type SmiEvent } from "./smi-events.ts";

/** MAX_KFIFO_SIZE: bytes that wait to be read. */
const MAX_KFIFO_SIZE = 8192;

/** The bit of an event in a reader's mask: KFD_SMI_EVENT_MASK_FROM_INDEX. */
export function smiEventMask(number: number): bigint {
  return 1n << BigInt(number - 1);
}

/** KFD_SMI_EVENT_ALL_PROCESS: events of other processes, for those who may. */
export const KFD_SMI_EVENT_ALL_PROCESS: bigint = smiEventMask(64);

/** Events that everybody hears of, whatever process they are about. */
const FOR_EVERYBODY: ReadonlySet<SmiEvent["kind"]> = new Set([
  "VMFAULT",
  "PROCESS_START",
  "PROCESS_END",
]);

/** One reader. It hears of nothing until it has said of what. */
export class SmiClient {
  /** Events that did not fit: the reader is not told. */
  nrDropped = 0;
  private readonly pid: number;
  private readonly isPrivileged: boolean;
  private mask = 0n;
  private waiting = "";

  /** @param isPrivileged may hear of other processes. */
  constructor(pid: number, isPrivileged: boolean) {
    this.pid = pid;
    this.isPrivileged = isPrivileged;
  }

  /** Chooses events, as a write to the descriptor does. */
  write(mask: bigint): void {
    this.mask = mask;
  }

  /** Takes what waits, line by line. */
  read(): string[] {
    const lines = this.waiting.split("\n").slice(0, -1);
    this.waiting = "";
    return lines;
  }

  /** @kernel drivers/gpu/drm/amd/amdkfd/kfd_smi_events.c add_event_to_kfifo (v7.2) one client */
  add(kind: SmiEvent["kind"], pid: number, line: string): void {
    if (!this.isEnabled(kind, pid)) return;
    if (this.waiting.length + line.length + 1 > MAX_KFIFO_SIZE) this.nrDropped++;
    else this.waiting += `${line}\n`;
  }

  /** @kernel drivers/gpu/drm/amd/amdkfd/kfd_smi_events.c kfd_smi_ev_enabled (v7.2) */
  private isEnabled(kind: SmiEvent["kind"], pid: number): boolean {
    const hearsOthers = this.isPrivileged && (this.mask & KFD_SMI_EVENT_ALL_PROCESS) !== 0n;
    if (pid !== this.pid && !FOR_EVERYBODY.has(kind) && !hearsOthers) return false;
    return (this.mask & smiEventMask(SMI_EVENT_NUMBERS[kind])) !== 0n;
  }
}
