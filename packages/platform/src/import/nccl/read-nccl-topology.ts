// The topology file of NCCL and RCCL: CPUs with the PCI tree below them, GPUs with their links, and
// NICs. Several elements of a pair of GPUs are one link that is wider.
import type { Diagnostic, SourceText } from "@faultline/diagnostics";
import { readXml, type XmlElement } from "../../xml/read-xml.ts";
import { ImportProblems, type Report } from "../import-problems.ts";

/** A GPU or a NIC. */
export interface NcclDevice {
  readonly busId: string;
  readonly kind: "gpu" | "nic";
  /** Its element, for places. */
  readonly element: XmlElement;
  /** Number of its `<cpu>` in the file. */
  readonly cpu: number;
  /** Bus id of the switch above it; null for a port of its own. */
  readonly bridge: string | null;
  readonly vendor: string | null;
  readonly device: string | null;
  /** The `<gpu>` element; null for a GPU that only its class shows. */
  readonly gpu: XmlElement | null;
  /** The `<net>` elements. */
  readonly nets: readonly XmlElement[];
}

/** A link as one GPU tells of it. */
export interface NcclLink {
  readonly kind: "xgmi" | "nvlink";
  readonly from: string;
  readonly to: string;
  readonly count: number;
  readonly element: XmlElement;
}

/** The file. */
export interface NcclTopology {
  readonly version: string;
  readonly cpus: readonly XmlElement[];
  readonly devices: readonly NcclDevice[];
  readonly links: readonly NcclLink[];
  /** Elements `<pci>` that have others below them. */
  readonly nrBridges: number;
  readonly source: SourceText;
}

const GPU_CLASSES = /^0x03/;
const NIC_CLASSES = /^0x02/;

/** Reads the file; null with diagnostics where it cannot be used. */
export function readNcclTopology(
  text: string,
  file: string,
): { readonly topology: NcclTopology | null; readonly diagnostics: readonly Diagnostic[] } {
  const { root, source, diagnostics } = readXml(text, file);
  if (root === null) return { topology: null, diagnostics };
  const problems = new ImportProblems(source);
  const { report } = problems;
  if (root.name !== "system") {
    report(root, "E_IMPORT_FORMAT", `no <system>: <${root.name}>`, {
      hint: "the file is what NCCL_TOPO_DUMP_FILE gets",
    });
    return { topology: null, diagnostics: problems.sorted() };
  }
  const cpus = root.children.filter(({ name }) => name === "cpu");
  if (cpus.length === 0) report(root, "E_IMPORT_FORMAT", "no <cpu> below <system>");
  const walk = new Walk(report);
  cpus.forEach((cpu, n) => walk.below(cpu, n, null));
  const links = walk.devices.flatMap((device) => linksOf(device, report));
  const topology = {
    version: root.attributes.get("version") ?? "",
    cpus,
    devices: walk.devices,
    links,
    nrBridges: walk.nrBridges,
    source,
  };
  duplicates(walk.devices, source, report);
  dangling(topology, report);
  return { topology: problems.hasErrors ? null : topology, diagnostics: problems.sorted() };
}

class Walk {
  readonly devices: NcclDevice[] = [];
  nrBridges = 0;
  private readonly report: Report;

  constructor(report: Report) {
    this.report = report;
  }

  below(above: XmlElement, cpu: number, bridge: string | null): void {
    for (const element of above.children.filter(({ name }) => name === "pci")) {
      const busId = (element.attributes.get("busid") ?? "").toLowerCase();
      if (!/^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/.test(busId)) {
        this.report(element, "E_IMPORT_VALUE", `no bus id: ${busId === "" ? "missing" : busId}`);
      }
      if (element.children.some(({ name }) => name === "pci")) {
        this.nrBridges++;
        this.below(element, cpu, busId);
      }
      this.leaf(element, { busId, cpu, bridge });
    }
  }

  private leaf(element: XmlElement, place: Pick<NcclDevice, "busId" | "cpu" | "bridge">): void {
    const gpu = element.children.find(({ name }) => name === "gpu") ?? null;
    const nets = element.children
      .filter(({ name }) => name === "nic")
      .flatMap(({ children }) => children.filter(({ name }) => name === "net"));
    const pciClass = element.attributes.get("class") ?? "";
    const isLeaf = !element.children.some(({ name }) => name === "pci");
    const isGpu = gpu !== null || (isLeaf && GPU_CLASSES.test(pciClass));
    const isNic = nets.length > 0 || (isLeaf && NIC_CLASSES.test(pciClass));
    if (!isGpu && !isNic) return;
    this.devices.push({
      ...place,
      kind: isGpu ? "gpu" : "nic",
      element,
      vendor: element.attributes.get("vendor") ?? null,
      device: element.attributes.get("device") ?? null,
      gpu,
      nets,
    });
  }
}

function linksOf({ gpu, busId }: NcclDevice, report: Report): NcclLink[] {
  const elements = gpu?.children.filter(({ name }) => name === "xgmi" || name === "nvlink") ?? [];
  return elements.map((element) => {
    const count = Number(element.attributes.get("count") ?? "1");
    if (!Number.isSafeInteger(count) || count < 1) {
      report(element, "E_IMPORT_VALUE", `no number of links: ${element.attributes.get("count")}`);
    }
    const to = (element.attributes.get("target") ?? "").toLowerCase();
    const kind = element.name === "xgmi" ? "xgmi" : "nvlink";
    return { kind, from: busId, to, count, element };
  });
}

function duplicates(devices: readonly NcclDevice[], source: SourceText, report: Report): void {
  for (const [n, { busId, element }] of devices.entries()) {
    const first = devices.slice(0, n).find((one) => one.busId === busId);
    if (first === undefined) continue;
    const there = source.place(first.element.start, first.element.end);
    const here = source.place(element.start, element.end);
    const message = `two devices with the bus id ${busId}: lines ${there.line} and ${here.line}`;
    report(element, "E_IMPORT_TWICE", message, {
      related: [{ ...there, message: "the first one is here" }],
    });
  }
}

/** A link leads to a GPU of the file, or to a switch; one that nobody returns is odd. */
function dangling({ devices, links }: NcclTopology, report: Report): void {
  const known = new Set(devices.map(({ busId }) => busId));
  for (const { from, to, kind, element } of links) {
    const isToSwitch =
      kind === "nvlink" && element.attributes.get("tclass")?.startsWith("0x0680") === true;
    if (!known.has(to)) {
      if (!isToSwitch)
        report(element, "E_IMPORT_REFERENCE", `a link from ${from} to an unknown device: ${to}`);
    } else if (!links.some((back) => back.from === to && back.to === from)) {
      // Said where the way back should be: at the first link of the other end.
      const other = links.find((link) => link.from === to)?.element;
      report(
        other ?? element,
        "E_IMPORT_CONTRADICTION",
        `the link ${from} to ${to} has no way back: it counts as a link`,
        {
          severity: "warning",
        },
      );
    }
  }
}
