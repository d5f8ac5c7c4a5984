import { describe, expect, test } from "vitest";
import { parseDomainXml } from "./index.ts";

const PHB =
  "<controller type='pci' model='pci-root'><model name='spapr-pci-host-bridge'/></controller>";
const DEVICE =
  "<hostdev type='pci'><source><address bus='0x1' slot='0x02' function='0x3'/></source></hostdev>";

function xml(devices: string, rest = "<memory>4096</memory>", arch = "ppc64"): string {
  return `<domain type='kvm'><name>guest</name>${rest}
<os><type arch='${arch}'>hvm</type></os>
<devices>${devices}</devices></domain>`;
}

function problems(text: string): string[] {
  return parseDomainXml(text, "guest.xml").diagnostics.map(
    ({ line, code, severity, message }) => `${line} ${severity} ${code} ${message}`,
  );
}

describe("a domain", () => {
  test("says what is handed to the guest, and the host which of it is a bridge", () => {
    const nic = DEVICE.replace("hostdev", "interface").replace("type='pci'", "type='hostdev'");
    const devices = [
      PHB,
      DEVICE,
      nic.replace("</hostdev>", "</interface>").replace("bus='0x1'", "domain='0x6' bus='0x0'"),
      DEVICE.replace("<source>", "<driver name='xen'/><source>"),
      "<hostdev type='mdev' model='vfio-pci'/><interface type='vdpa'/><iommu model='intel'/>",
      "<disk type='file'><backingStore type='nvme'/></disk><disk type='nvme'/><disk type='file'/>",
    ];
    const isBridge = (address: string): boolean => address === "0006:00:02.3";
    const { domain, diagnostics } = parseDomainXml(xml(devices.join("")), "guest.xml", isBridge);
    expect(diagnostics).toEqual([]);
    expect(domain).toMatchObject({
      name: "guest",
      arch: "ppc64",
      type: "kvm",
      memoryKib: 4096n,
      maxMemoryKib: 4096n,
      nrSpaprPhbs: 1,
      hostdevs: [
        { address: "0000:01:02.3", isNvlink2Bridge: false },
        { address: "0006:00:02.3", isNvlink2Bridge: true },
      ],
      nrMdevs: 1,
      nrVdpas: 1,
      nrNvmes: 2,
      hasViommu: true,
      hardLimitKib: null,
      isLocked: false,
    });
  });

  test("may say sizes in any unit, a hard limit and <locked/>", () => {
    const rest =
      "<memory unit='GiB'>2</memory><maxMemory unit='MB'>1</maxMemory>" +
      "<memtune><hard_limit unit='bytes'>1025</hard_limit></memtune>" +
      "<memoryBacking><locked/></memoryBacking>";
    const { domain } = parseDomainXml(xml(PHB, rest), "guest.xml");
    expect(domain).toMatchObject({ memoryKib: 2n << 20n, maxMemoryKib: 977n, hardLimitKib: 2n });
    expect(domain?.isLocked).toBe(true);
  });

  test("has the memory of its NUMA cells and memory devices", () => {
    const cells = "<cpu><numa><cell memory='1' unit='GiB'/><cell memory='1024'/></numa></cpu>";
    const dimm = "<memory model='dimm'><target><size unit='MiB'>1</size></target></memory>";
    const rest = `<memory unit='KiB'>${2 ** 20 + 2048}</memory>${cells}`;
    const { domain, diagnostics } = parseDomainXml(xml(PHB + dimm, rest), "guest.xml");
    expect([domain?.memoryKib, diagnostics]).toEqual([BigInt(2 ** 20 + 2048), []]);
    expect(problems(xml(PHB, rest))).toEqual([
      "1 warning E_DOMAIN_XML memory: 1050624 KiB, but its parts have 1049600 KiB",
    ]);
  });
});

describe("a file that says too little", () => {
  test("gets every problem at its place", () => {
    const bad = xml(`${PHB}<hostdev type='pci'/>`, "<memory unit='stone'>x</memory>").replace(
      " arch='ppc64'",
      "",
    );
    expect(problems(bad)).toEqual([
      "1 error E_DOMAIN_XML no size: x stone",
      "2 error E_DOMAIN_XML no architecture: os/type has no arch",
      "3 error E_DOMAIN_XML no PCI address: source/address",
    ]);
  });

  test("is no domain, or not XML", () => {
    expect(problems("<network/>")).toEqual([
      "1 error E_DOMAIN_XML no domain: the file is about <network>",
    ]);
    expect(problems("<domain>")[0]).toMatch(/^1 error E_XML_SYNTAX unclosed tag/);
  });

  test("is warned when a POWER guest has no host bridge", () => {
    expect(problems(xml(""))).toEqual(["1 warning E_DOMAIN_XML the guest has no PCI host bridge"]);
    expect(problems(xml("", undefined, "x86_64"))).toEqual([]);
  });
});
