// What QEMU's PCI devices are, by their drivers: the PCIe type and the ids of `lspci`.
import type { PciKind } from "@faultline/core";
import type { QemuMachineType } from "../../acpi/qemu/qemu-machine.ts";

const BRIDGES: Readonly<Record<string, PciKind>> = {
  "pcie-root-port": "root-port",
  ioh3420: "root-port",
  "cxl-rp": "root-port",
  "x3130-upstream": "switch-upstream",
  "cxl-upstream": "switch-upstream",
  "xio3130-downstream": "switch-downstream",
  "cxl-downstream": "switch-downstream",
  "pcie-pci-bridge": "pcie-to-pci-bridge",
  "pci-bridge": "pci-bridge",
  "i82801b11-bridge": "pci-bridge",
};

/** Vendor and device ids; QEMU's own are those of Red Hat, 1b36. */
const IDS: Readonly<Record<string, string>> = {
  mch: "8086:29c0",
  i440FX: "8086:1237",
  "gpex-root": "1b36:0008",
  "pcie-root-port": "1b36:000c",
  ioh3420: "8086:3420",
  "x3130-upstream": "104c:8232",
  "xio3130-downstream": "104c:8233",
  "pcie-pci-bridge": "1b36:000e",
  "pci-bridge": "1b36:0001",
  "i82801b11-bridge": "8086:244e",
  "pxb-pcie": "1b36:000b",
  "pci-testdev": "1b36:0005",
  nvme: "1b36:0010",
  e1000e: "8086:10d3",
  e1000: "8086:100e",
  VGA: "1234:1111",
  "cxl-type3": "8086:0d93",
};
const UNKNOWN_ID = "1b36:0000";

/** Devices that have no PCIe capability wherever they are. */
const CONVENTIONAL =
  /^(?:pci-|pxb-|VGA|e1000$|mch|ICH9|ich9-|i440FX|PIIX|piix|gpex-root|ivshmem|rtl8139|pvpanic)/;

/** The kind of a function below a bridge of a driver; null on a root bus. */
export function functionKind(
  driver: string,
  above: string | null,
  machine: QemuMachineType,
): PciKind {
  const bridge = BRIDGES[driver];
  if (bridge !== undefined) return bridge;
  const isConventionalBus = above === null ? machine === "i440fx" : isPciBridge(BRIDGES[above]);
  if (isConventionalBus || CONVENTIONAL.test(driver)) return "conventional";
  return above === null ? "rc-integrated-endpoint" : "endpoint";
}

function isPciBridge(kind: PciKind | undefined): boolean {
  return kind === "pci-bridge" || kind === "pcie-to-pci-bridge";
}

/** The id of a driver's function; one of QEMU's without a device where that is not known. */
export function functionId(driver: string): string {
  return IDS[driver] ?? UNKNOWN_ID;
}
