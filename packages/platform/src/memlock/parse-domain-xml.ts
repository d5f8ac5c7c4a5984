// A libvirt domain description (`virsh dumpxml`) → what decides the locked-memory limit.
import { formatPciAddress } from "@faultline/core";
import { type Diagnostic, diagnosticAt, DiagnosticSink } from "@faultline/diagnostics";
import {
  childrenOf,
  elementAt,
  readXml,
  type XmlElement,
  type XmlResult,
} from "../xml/read-xml.ts";
import { type LockLimitDomain, PLAIN_DOMAIN, type VfioHostdev } from "./lock-limit-domain.ts";
import { parseMemoryKib } from "./parse-memory-kib.ts";

/** A domain when the file is good, and everything there is to say about it. */
export interface LoadedDomain {
  readonly domain: LockLimitDomain | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Tells whether the host device at an address, such as 0006:00:00.1, is an NVLink2 bridge. */
export type IsBridge = (address: string) => boolean;

/** The file being read. */
interface Reading {
  readonly source: XmlResult["source"];
  readonly sink: DiagnosticSink;
  readonly isBridge: IsBridge;
}

/**
 * Reads a domain.
 * @param isBridge a domain does not say which of its devices are NVLink2 bridges; the host's device
 * tree does. Without it none is one.
 * @returns a domain unless a diagnostic is an error; never throws for bad input.
 */
export function parseDomainXml(
  text: string,
  fileName: string,
  isBridge: IsBridge = () => false,
): LoadedDomain {
  const { root, source, diagnostics } = readXml(text, fileName);
  if (root === null) return { domain: null, diagnostics };
  const reading: Reading = { source, sink: new DiagnosticSink(), isBridge };
  const domain = root.name === "domain" ? readDomain(reading, root) : null;
  if (domain === null) {
    report(reading, root, "E_DOMAIN_XML", `no domain: the file is about <${root.name}>`, {
      hint: "`virsh dumpxml NAME` prints a domain",
    });
  }
  const { sink } = reading;
  return { domain: sink.hasErrors ? null : domain, diagnostics: sink.sorted() };
}

function readDomain(reading: Reading, root: XmlElement): LockLimitDomain {
  const type = elementAt(root, "os", "type");
  const arch = type?.attributes.get("arch");
  if (arch === undefined) {
    report(reading, type ?? root, "E_DOMAIN_XML", "no architecture: os/type has no arch");
  }
  const devices = elementAt(root, "devices");
  const memoryKib = totalMemory(reading, root, devices);
  const domain: LockLimitDomain = {
    ...PLAIN_DOMAIN,
    name: elementAt(root, "name")?.text.trim() ?? PLAIN_DOMAIN.name,
    arch: arch ?? PLAIN_DOMAIN.arch,
    type: root.attributes.get("type") ?? "kvm",
    memoryKib,
    maxMemoryKib: sizeOf(reading, elementAt(root, "maxMemory")) ?? memoryKib,
    hardLimitKib: sizeOf(reading, elementAt(root, "memtune", "hard_limit")),
    isLocked: elementAt(root, "memoryBacking", "locked") !== null,
    ...(devices === null ? {} : readDevices(reading, devices)),
  };
  warnAboutHostBridges(reading, root, domain);
  return domain;
}

/** The host bridges of a pseries guest are in a dump of a domain, not in what people type. */
function warnAboutHostBridges(
  reading: Reading,
  root: XmlElement,
  { arch, type, nrSpaprPhbs }: LockLimitDomain,
): void {
  if (!arch.startsWith("ppc64") || type !== "kvm" || nrSpaprPhbs > 0) return;
  report(reading, root, "E_DOMAIN_XML", "the guest has no PCI host bridge", {
    severity: "warning",
    hint: "libvirt adds them when it defines a domain: take `virsh dumpxml`, or say how many",
  });
}

/** Memory of the NUMA cells and the memory devices; without cells, what `<memory>` says. */
function totalMemory(reading: Reading, root: XmlElement, devices: XmlElement | null): bigint {
  const element = elementAt(root, "memory");
  const said = sizeOf(reading, element);
  const cells = (elementAt(root, "cpu", "numa")?.children ?? []).filter(
    ({ name, attributes }) => name === "cell" && attributes.has("memory"),
  );
  if (cells.length === 0) {
    if (said === null) report(reading, element ?? root, "E_DOMAIN_XML", "no memory: <memory>");
    return said ?? 0n;
  }
  const sizes = [
    ...cells.map((cell) => cellMemory(reading, cell)),
    ...childrenOf(devices ?? root, "memory").map(
      (device) => sizeOf(reading, elementAt(device, "target", "size")) ?? 0n,
    ),
  ];
  const sum = sizes.reduce((total, size) => total + size, 0n);
  if (element !== null && said !== null && said !== sum) {
    report(reading, element, "E_DOMAIN_XML", `memory: ${said} KiB, but its parts have ${sum} KiB`, {
      severity: "warning",
      hint: "NUMA cells and memory devices decide",
    });
  }
  return sum;
}

function cellMemory(reading: Reading, cell: XmlElement): bigint {
  const { attributes } = cell;
  return memoryText(reading, cell, attributes.get("memory") ?? "", attributes.get("unit"));
}

function sizeOf(reading: Reading, element: XmlElement | null): bigint | null {
  if (element === null) return null;
  return memoryText(reading, element, element.text.trim(), element.attributes.get("unit"));
}

function memoryText(
  reading: Reading,
  element: XmlElement,
  text: string,
  unit: string | undefined,
): bigint {
  const kib = parseMemoryKib(text, unit);
  if (kib !== null) return kib;
  const shown = unit === undefined ? text : `${text} ${unit}`;
  report(reading, element, "E_DOMAIN_XML", `no size: ${shown === "" ? "nothing" : shown}`, {
    hint: "a whole number; unit is bytes, KiB, MiB, GiB, TiB, KB, MB, GB or TB",
  });
  return 0n;
}

function readDevices(reading: Reading, devices: XmlElement): Partial<LockLimitDomain> {
  const hostdevs = childrenOf(devices, "hostdev");
  const interfaces = childrenOf(devices, "interface");
  const nics = interfaces.filter((nic) => nic.attributes.get("type") === "hostdev");
  return {
    nrSpaprPhbs: childrenOf(devices, "controller").filter(isSpaprPhb).length,
    hostdevs: [...hostdevs.filter(isVfioPci), ...nics].flatMap((device) =>
      hostdevOf(reading, device),
    ),
    nrMdevs: hostdevs.filter((device) => device.attributes.get("type") === "mdev").length,
    nrVdpas: interfaces.filter((nic) => nic.attributes.get("type") === "vdpa").length,
    nrNvmes: childrenOf(devices, "disk").filter(hasNvme).length,
    hasViommu: elementAt(devices, "iommu") !== null,
  };
}

function isSpaprPhb(controller: XmlElement): boolean {
  const { attributes } = controller;
  return (
    attributes.get("type") === "pci" &&
    attributes.get("model") === "pci-root" &&
    elementAt(controller, "model")?.attributes.get("name") === "spapr-pci-host-bridge"
  );
}

/** VFIO is what QEMU uses unless another driver is named. */
function isVfioPci(device: XmlElement): boolean {
  const driver = elementAt(device, "driver")?.attributes.get("name") ?? "vfio";
  return device.attributes.get("type") === "pci" && driver === "vfio";
}

function hasNvme(disk: XmlElement): boolean {
  for (let at: XmlElement | null = disk; at !== null; at = elementAt(at, "backingStore")) {
    if (at.attributes.get("type") === "nvme") return true;
  }
  return false;
}

const ADDRESS_PARTS = ["domain", "bus", "slot", "function"];

function hostdevOf(reading: Reading, device: XmlElement): VfioHostdev[] {
  const element = elementAt(device, "source", "address");
  const [domain = NaN, bus = NaN, slot = NaN, fn = NaN] = ADDRESS_PARTS.map((name) =>
    numberOf(element?.attributes.get(name) ?? (name === "domain" ? "0" : "")),
  );
  if (Number.isNaN(domain + bus + slot + fn)) {
    report(reading, element ?? device, "E_DOMAIN_XML", "no PCI address: source/address", {
      hint: "write domain, bus, slot and function, each as 0x…",
    });
    return [];
  }
  const address = formatPciAddress({ domain, bus, devfn: (slot << 3) | fn });
  return [{ address, isNvlink2Bridge: reading.isBridge(address) }];
}

function numberOf(text: string): number {
  return /^(?:0x[0-9a-f]{1,8}|\d{1,9})$/i.test(text) ? Number(text) : NaN;
}

function report(
  { source, sink }: Reading,
  { start, end }: XmlElement,
  code: Diagnostic["code"],
  message: string,
  details: { readonly hint?: string; readonly severity?: "warning" } = {},
): void {
  sink.add(diagnosticAt(source, start, end, code, message, details));
}
