// Our nodes in the form in which recordings have those of a kernel: what its sysfs shows.
import {
  type AccessClass,
  formatNumberList,
  type LinuxNode,
  type LinuxNodeMap,
  type QemuMachine,
} from "@faultline/platform";
import type { JsonObject } from "../json-shape.ts";

/** What the kernel's sysfs shows, or that it did not come up. */
export function linuxAnswer(map: LinuxNodeMap, { functions }: QemuMachine): JsonObject {
  const nodeOf = new Map(map.pxmToNode);
  return {
    possible: formatNumberList(map.possible),
    online: formatNumberList(map.online),
    has_cpu: formatNumberList(map.hasCpu),
    has_memory: formatNumberList(map.hasMemory),
    has_normal_memory: formatNumberList(map.hasNormalMemory),
    has_generic_initiator: formatNumberList(map.hasInitiator),
    nodes: Object.fromEntries(
      map.nodes
        .filter(({ node }) => map.online.includes(node))
        .map((node) => [node.node, nodeAnswer(node, map)]),
    ),
    memory_tiers: Object.fromEntries(
      [...map.tiers].map(([tier, nodes]) => [`memory_tier${tier}`, formatNumberList(nodes)]),
    ),
    pci_numa_node: Object.fromEntries(
      functions.map(({ bus, device, function: fn, rootNode }) => [
        `0000:${hex2(bus)}:${hex2(device)}.${fn}`,
        rootNode === null ? -1 : (nodeOf.get(rootNode) ?? -1),
      ]),
    ),
    pxm_to_node: Object.fromEntries(nodeOf),
    cfmws_nodes: map.windowNodes,
  };
}

function nodeAnswer(node: LinuxNode, { possible, online }: LinuxNodeMap): JsonObject {
  const answer: Record<string, unknown> = {
    cpulist: formatNumberList(node.cpus),
    // The file of a node has a column for each node that is online.
    distance: node.distances.filter((_, at) => online.includes(possible[at] ?? -1)),
  };
  for (const at of [0, 1] as const) {
    const targets = node.accessTargets[at];
    if (targets === null) continue;
    const prefix = `access${at}`;
    const access = node.access?.[at];
    if (access !== undefined) Object.assign(answer, numbersAnswer(prefix, access));
    answer[`${prefix}.initiators.list`] = namesOf(access?.initiators ?? []);
    answer[`${prefix}.targets.list`] = namesOf(targets);
  }
  for (const cache of node.caches) {
    const prefix = `cache.index${cache.level}`;
    answer[`${prefix}.size`] = `${cache.sizeBytes}`;
    answer[`${prefix}.line_size`] = `${cache.lineBytes}`;
    answer[`${prefix}.indexing`] = `${cache.indexing}`;
    answer[`${prefix}.write_policy`] = `${cache.writePolicy}`;
    answer[`${prefix}.address_mode`] = `0x${cache.addressMode.toString(16)}`;
  }
  return answer;
}

function numbersAnswer(prefix: string, access: AccessClass): JsonObject {
  return {
    [`${prefix}.initiators.read_bandwidth`]: `${access.readBandwidth}`,
    [`${prefix}.initiators.read_latency`]: `${access.readLatency}`,
    [`${prefix}.initiators.write_bandwidth`]: `${access.writeBandwidth}`,
    [`${prefix}.initiators.write_latency`]: `${access.writeLatency}`,
  };
}

function namesOf(nodes: readonly number[]): string {
  return nodes
    .toSorted((a, b) => a - b)
    .map((node) => `node${node}`)
    .join(" ");
}

function hex2(value: number): string {
  return value.toString(16).padStart(2, "0");
}
