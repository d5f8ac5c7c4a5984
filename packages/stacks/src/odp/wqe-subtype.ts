// Which work request an event is about: the subtypes of page-fault events that mlx5 parses the
// request by. It is parsed for its data segments; how they are faulted is the same for all.
import type { DeviceAccessKind } from "../device/device-stack.ts";
import type { OdpCounters } from "./odp-counters.ts";
import type { WqeSide } from "./odp-knobs.ts";

/**
 * Counts an event: a requester whose device reads memory sends or writes, one whose device writes
 * memory fetches what it has asked for; a receiver's device writes.
 * @kernelpart drivers/infiniband/hw/mlx5/odp.c mlx5_ib_mr_wqe_pfault_handler (v7.2) the subtypes
 */
export function countWqe(counters: OdpCounters, side: WqeSide, access: DeviceAccessKind): void {
  if (side === "responder") counters.wqe_responder++;
  else if (access === "read") counters.wqe_requester_send++;
  else counters.wqe_requester_read++;
}
