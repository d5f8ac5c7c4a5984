// Constants of a device and its links that a profile can give, beside the stages of a fault.
import type { Dimension } from "./units.ts";

/** A constant or parameter: what it measures, and what it is. */
export interface NumberDefinition {
  readonly dimension: Dimension;
  readonly description: string;
  /** What whoever uses it can take. @defaultValue what its dimension allows */
  readonly limits?: readonly [least: number, most: number];
}

/** Every constant, by name. */
export const DEVICE_CONSTANTS: Readonly<Record<string, NumberDefinition>> = {
  local_latency: { dimension: "time", description: "a load from the device's own memory" },
  remote_latency: { dimension: "time", description: "a load from memory of the CPU or a peer" },
  remote_read_bandwidth: {
    dimension: "rate",
    description: "reads of remote memory by the device's threads",
  },
  remote_write_bandwidth: {
    dimension: "rate",
    description: "writes of remote memory by the device's threads",
  },
  other_socket_bandwidth: { dimension: "rate", description: "memory of another CPU socket" },
  peer_bandwidth: { dimension: "rate", description: "one link to a peer, one direction" },
  peer_total_bandwidth: { dimension: "rate", description: "all links to peers, one direction" },
  cxl_latency: { dimension: "time", description: "a CPU's load from CXL memory" },
  outstanding_faults: {
    dimension: "plain",
    description: "faults that a TLB can have in flight",
    limits: [1, 2 ** 16],
  },
  duplicate_faults: {
    dimension: "plain",
    description: "percent of faults that are filtered as duplicates",
  },
  flush_rate_limit: { dimension: "plain", description: "TLB flushes per second of a process" },
  remote_stall: { dimension: "time", description: "how long a peer waits after it was refused" },
  shootdown_handler: {
    dimension: "time",
    description: "what a TLB shootdown takes of each CPU that it interrupts, beside its sender",
  },
  interrupt_handler: {
    dimension: "time",
    description: "what an interrupt of a device takes of its CPU before its thread runs",
  },
  swap_in: { dimension: "time", description: "a fault whose page comes from swap" },
};
