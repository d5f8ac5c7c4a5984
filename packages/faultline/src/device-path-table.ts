// The best ways between the devices of a machine as text: a matrix, then every different way with
// the pairs that have it.
import type { DevicePath } from "@faultline/report";
import { plainTable } from "./plain-table.ts";

const WORDS = {
  local: () => "local",
  interconnect: ({ linkKind, bandwidthBytesPerSec }: DevicePath) =>
    `${linkKind} ${gigabytes(bandwidthBytesPerSec ?? 0)}`,
  bus: ({ distance }: DevicePath) => `bus ${distance}`,
  "host-bridge": ({ distance }: DevicePath) => `host ${distance}`,
  system: () => "system",
  none: () => "-",
} as const;

const LEGEND = [
  "rows provide, columns ask; nvlink N, xgmi N, …: private link of N GB/s in each direction,",
  "bus N: bus address, host N: through the host bridge, N hops; system: as system memory;",
  "-: no way",
];

/** The matrix, its legend, and why each way is what it is. */
export function formatDevicePaths(paths: readonly DevicePath[]): string {
  const providers = [...new Set(paths.map(({ provider }) => provider))];
  const clients = [...new Set(paths.map(({ client }) => client))];
  const rows = providers.map((provider) => [
    provider,
    ...paths.filter((path) => path.provider === provider).map((path) => WORDS[path.kind](path)),
  ]);
  return `${plainTable(["", ...clients], rows)}\n${LEGEND.join("\n")}\n\n${reasons(paths)}`;
}

/** Pairs by what they have in common; few ways serve many pairs. */
function reasons(paths: readonly DevicePath[]): string {
  const byWay = new Map<string, Map<string, string[]>>();
  for (const path of paths.filter(({ kind }) => kind !== "local")) {
    const way = describeWay(path);
    const pairs = byWay.get(way) ?? new Map<string, string[]>();
    byWay.set(way, pairs);
    pairs.set(path.provider, [...(pairs.get(path.provider) ?? []), path.client]);
  }
  return [...byWay]
    .map(([way, pairs]) => {
      const lines = [...pairs].map(([provider, clients]) => `  ${provider}: ${clients.join(", ")}`);
      return `${way}\n${lines.join("\n")}\n`;
    })
    .join("");
}

function describeWay(path: DevicePath): string {
  const { kind, distance, reason } = path;
  if (kind === "interconnect") {
    const rate = `${gigabytes(path.bandwidthBytesPerSec ?? 0)} GB/s`;
    return `interconnect, ${rate}, ${(path.latencyPs ?? 0) / 1000} ns: ${reason}`;
  }
  if (kind === "none") return `no way: ${reason}`;
  if (kind === "system") return `system memory: ${reason}`;
  return `${kind === "bus" ? "bus address" : "host bridge"}, ${distance} hops: ${reason}`;
}

function gigabytes(bytesPerSec: number): number {
  return bytesPerSec / 1e9;
}
