// The domain that a recorded row is about.
import {
  isNvlink2Bridge,
  type LockLimitDomain,
  PLAIN_DOMAIN,
  type VfioHostdev,
} from "@faultline/platform";
import { isObject, type JsonObject, preview } from "../json-shape.ts";

/** A domain, or what is wrong with the row. */
export function domainOfRow(input: JsonObject): LockLimitDomain | string {
  const { name, arch, virt = "kvm", hostdevs = [] } = input;
  if (typeof name !== "string" || typeof arch !== "string" || typeof virt !== "string") {
    return "`name`, `arch` and `virt` must be texts";
  }
  if (!Array.isArray(hostdevs)) return "`hostdevs` must be a list";
  const bad = COUNTS.find((field) => input[field] !== undefined && !isCount(input[field]));
  if (bad !== undefined) return `\`${bad}\` must be a count, not ${preview(input[bad])}`;
  const devices = hostdevs.map(hostdevOf);
  if (devices.includes(null)) return "a hostdev must have an `addr`";
  if (!isCount(input["mem_kib"])) return "`mem_kib` must be a count";
  const count = (field: string, otherwise = 0): number => Number(input[field] ?? otherwise);
  const memory = count("mem_kib");
  const hardLimit = input["hard_limit_kib"];
  return {
    ...PLAIN_DOMAIN,
    name,
    arch,
    type: virt,
    memoryKib: BigInt(memory),
    maxMemoryKib: BigInt(count("max_kib", memory)),
    nrSpaprPhbs: count("phbs"),
    hostdevs: devices.filter((device) => device !== null),
    nrMdevs: count("mdev"),
    nrVdpas: count("vdpa"),
    nrNvmes: count("nvme"),
    hasViommu: input["viommu"] === true,
    hardLimitKib: hardLimit === undefined ? null : BigInt(count("hard_limit_kib")),
    isLocked: input["locked"] === true,
  };
}

const COUNTS = ["max_kib", "phbs", "mdev", "vdpa", "nvme", "hard_limit_kib"] as const;

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** A row says whether the device is a bridge, or which of a bridge's properties it has. */
function hostdevOf(value: unknown): VfioHostdev | null {
  if (!isObject(value) || typeof value["addr"] !== "string") return null;
  const { addr: address, nvlink2_bridge: isBridge, of_node: properties } = value;
  const isKnown = Array.isArray(properties) && isNvlink2Bridge(properties.map(String));
  return { address, isNvlink2Bridge: isBridge === true || isKnown };
}
