// The path from a device to a page: local, over the private interconnect, over PCIe, or through
// system memory. The choice precedes every mapping: which address results depends on it.
import {
  type Aperture,
  APERTURE_INTERCONNECT,
  APERTURE_LOCAL,
  APERTURE_PCIE_P2P,
  APERTURE_SYSTEM,
  type FabricRoute,
  MEMORY_DEVICE_COHERENT,
  MEMORY_DEVICE_PCI_P2PDMA,
  MEMORY_DEVICE_PRIVATE,
  PCI_P2PDMA_MAP_NONE,
  PCI_P2PDMA_MAP_NOT_SUPPORTED,
  type PciDev,
  type PciP2pdmaMapType,
} from "@faultline/core";
import type { AttachedDevice } from "../device/attached-device.ts";
import type { DeviceSystem } from "../device/device-system.ts";
import { mapTypeName } from "../p2pdma/explain-p2pdma.ts";
import { pciP2pdmaMapType } from "../p2pdma/map-type.ts";
import { inspectsP2pPages, type PathPolicy } from "./path-policy.ts";
import { PATH_RULES, type PathRuleId, type PathStep } from "./path-rules.ts";
import { reachesMemory } from "./reaches-memory.ts";
import { type PageHome, selectInitiator } from "./select-initiator.ts";

/** A path, before anything is mapped. */
export interface Path {
  readonly rule: PathRuleId;
  readonly aperture: Aperture;
  /** The frame that the device's entry names: a P2P page where the path is one. */
  readonly pfn: number;
  /** Who issues the access; null beside PCI and in local memory. */
  readonly initiator: PciDev | null;
  /** How PCIe carries it; NONE for what is no peer memory. */
  readonly mapType: PciP2pdmaMapType;
  /** The links it takes; null for PCIe and local memory. */
  readonly route: FabricRoute | null;
}

/** What is asked: who, which page, under which policy. */
export interface PathRequest {
  readonly system: DeviceSystem;
  readonly requester: AttachedDevice;
  readonly pfn: number;
  readonly policy: PathPolicy;
}

/** A rule's answer: a path, or why not. */
type Answer = Path | string;

/** Tries the rules; null when the page has to move first. */
export function selectPath(request: PathRequest): Path | null {
  for (const rule of request.policy.rules) {
    const answer = tryRule(request, rule);
    if (typeof answer !== "string") return answer;
  }
  return null;
}

/** The same choice with every rule that was tried, the deciding one last. */
export function explainPath(request: PathRequest): { path: Path | null; steps: PathStep[] } {
  const steps: PathStep[] = [];
  const { rules, decidedBy } = request.policy;
  for (const rule of rules) {
    const answer = tryRule(request, rule);
    const decided = typeof answer !== "string";
    const finding = decided ? pathFinding(answer) : answer;
    const { text, kernel } = PATH_RULES[rule];
    steps.push({ rule, decided, finding, text, kernel: kernel ?? decidedBy });
    if (decided) return { path: answer, steps };
  }
  const rule = "path-migrate";
  steps.push({ rule, decided: true, finding: "every rule said no", ...PATH_RULES[rule] });
  return { path: null, steps };
}

function tryRule(request: PathRequest, rule: PathRuleId): Answer {
  switch (rule) {
    case "path-local":
      return localPath(request);
    case "path-interconnect":
      return interconnectPath(request);
    case "path-p2p-page":
      return p2pPagePath(request);
    case "path-peer-bar":
      return peerBarPath(request);
    case "path-system":
      return systemPath(request);
    case "path-migrate":
      return "the page stays where it is";
  }
}

/** Written out, since it is on the way of every fault and spreading takes longer than the rest. */
function plainPath(
  rule: PathRuleId,
  aperture: Aperture,
  pfn: number,
  initiator: PciDev | null,
): Path {
  return { rule, aperture, pfn, initiator, mapType: PCI_P2PDMA_MAP_NONE, route: null };
}

function localPath({ system, requester, pfn }: PathRequest): Answer {
  const device = system.memoryDevice(pfn);
  if (device === null) return "the page is in system memory";
  if (device !== requester.device) return `the page is on ${device.name}`;
  const own = system.contentPfn(pfn);
  return plainPath("path-local", APERTURE_LOCAL, own, null);
}

function interconnectPath(request: PathRequest): Answer {
  const { system, requester, pfn } = request;
  const device = system.memoryDevice(pfn);
  if (device === null) return "the page is in system memory";
  const holder = system.holderOf(pfn);
  const type = system.world.frames.pgmapOf(pfn)?.type;
  if (type === MEMORY_DEVICE_PRIVATE && holder !== null && !sharesSpace(request, holder)) {
    return foreign(holder);
  }
  if (type === MEMORY_DEVICE_PCI_P2PDMA && !inspectsP2pPages(system.world.designs)) {
    return "a P2P page is mapped for PCI, whatever links there are";
  }
  const from = requester.device.name;
  const to = device.name;
  const isNic = requester.device.kind === "nic";
  if (isNic && system.world.designs["fabric.nicMembers"] === "off") {
    return `${from} is a NIC: the fabric is internal to the GPUs`;
  }
  const route = system.machine.fabric.route(from, to);
  if (route === null) return `no link that is up leads from ${from} to ${to}`;
  const own = system.contentPfn(pfn);
  return { ...plainPath("path-interconnect", APERTURE_INTERCONNECT, own, null), route };
}

/**
 * Owners by default; under `owner.matchOn` the address spaces decide, alone or too. Where callers
 * have a p2p_allow(), whatever can be reached is as good as one's own.
 */
function sharesSpace({ system, requester }: PathRequest, holder: AttachedDevice): boolean {
  if (system.world.designs["hmm.p2pAllow"] === "on") {
    if (reachesMemory(system, requester.device, holder.device)) return true;
  }
  const isOwner = requester.owner === holder.owner;
  const isSpace = requester.space === holder.space;
  switch (system.world.designs["owner.matchOn"]) {
    case "owner":
      return isOwner;
    case "space":
      return isSpace;
    case "both":
      return isOwner && isSpace;
  }
}

function foreign(holder: AttachedDevice): string {
  return `${holder.device.name} is in another owner space: ${holder.owner.name}`;
}

function p2pPagePath({ system, requester, pfn }: PathRequest): Answer {
  const pgmap = system.world.frames.pgmapOf(pfn);
  if (pgmap?.type !== MEMORY_DEVICE_PCI_P2PDMA || pgmap.provider === null) {
    return "the page is no P2P page";
  }
  const { owner: provider } = pgmap.provider;
  const home = { provider, socket: provider.hostBridge.socket };
  const initiator = selectInitiator(system, requester, home);
  if (initiator === null) return `${requester.device.name} has no PCI function`;
  const mapType = pciP2pdmaMapType(system.machine.pci, pgmap.provider, initiator.dev);
  if (mapType === PCI_P2PDMA_MAP_NOT_SUPPORTED) {
    return `${mapTypeName(mapType)} from ${initiator.path} to ${provider.path}`;
  }
  const aperture = APERTURE_PCIE_P2P;
  return { rule: "path-p2p-page", aperture, pfn, initiator, mapType, route: null };
}

/**
 * Membership of the owner space is the only guard: neither the topology nor the size of the BAR is
 * looked at again.
 */
function peerBarPath(request: PathRequest): Answer {
  const { system, requester, pfn } = request;
  const holder = system.holderOf(pfn);
  if (holder === null) return "the page is in system memory";
  if (holder.provider === null) return `no BAR shows the memory of ${holder.device.name}`;
  if (!sharesSpace(request, holder)) return foreign(holder);
  const { owner: provider } = holder.provider;
  const home = { provider, socket: provider.hostBridge.socket };
  const initiator = selectInitiator(system, requester, home);
  if (initiator === null) return `${requester.device.name} has no PCI function`;
  const own = system.contentPfn(pfn);
  return plainPath("path-peer-bar", APERTURE_PCIE_P2P, own, initiator);
}

function systemPath({ system, requester, pfn }: PathRequest): Answer {
  const pgmap = system.world.frames.pgmapOf(pfn);
  if (pgmap !== null && pgmap.type !== MEMORY_DEVICE_COHERENT) {
    return `the page is on ${system.deviceOf(pgmap).device.name}, where no CPU reaches it`;
  }
  const initiator = selectInitiator(system, requester, systemHome(system, pfn));
  return plainPath("path-system", APERTURE_SYSTEM, pfn, initiator);
}

function systemHome({ world, machine }: DeviceSystem, pfn: number): PageHome {
  const node = world.frames.nodeOf(pfn);
  return { provider: null, socket: machine.nodes[node]?.socket ?? 0 };
}

function pathFinding({ aperture, initiator, mapType, route }: Path): string {
  if (aperture === APERTURE_LOCAL) return "the page is in the requester's own memory";
  if (route !== null) return `over ${route.links.map(({ name }) => name).join(", ")}`;
  const by = initiator === null ? "" : ` by ${initiator.path}`;
  if (mapType !== PCI_P2PDMA_MAP_NONE) return `${mapTypeName(mapType)}${by}`;
  return aperture === APERTURE_SYSTEM ? `system memory${by}` : `the peer's BAR${by}`;
}
