// The names that the ends of links have: devices, switches of the fabric, and sockets.
import type { FabricEndKind } from "@faultline/core";
import type { MachineDocument } from "./machine-schema.ts";

/** How links name a socket; no device or switch may have such a name. */
function socketName(socket: number): string {
  return `socket${socket}`;
}

/** Every end that a link can have, and what it is. */
export function fabricEnds(document: MachineDocument): Map<string, FabricEndKind> {
  return new Map<string, FabricEndKind>([
    ...document.devices.map(({ name }) => [name, "device"] as const),
    ...document.fabric.switches.map(({ name }) => [name, "switch"] as const),
    ...sockets(document).map((socket) => [socketName(socket), "socket"] as const),
  ]);
}

/** Sockets that nodes or host bridges name, ascending. */
function sockets({ numa, host_bridges }: MachineDocument): number[] {
  const all = [...(numa?.nodes ?? []), ...host_bridges].map(({ socket }) => socket);
  return [...new Set(all)].sort((a, b) => a - b);
}
