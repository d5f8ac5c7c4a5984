// ACPI tables about NUMA: read and written byte for byte, built as QEMU builds them, and turned
// into nodes as Linux turns them.
export {
  type AccessClass,
  type AccessNumbers,
  type SideCache,
} from "./linux/hmat-access.ts";
export {
  type ByteRange,
  type LateMemory,
  type LinuxArchitecture,
  type LinuxMachine,
  linuxMachineFromTables,
  linuxMachineOf,
} from "./linux/linux-machine.ts";
export { type LinuxNode, type LinuxNodeMap, linuxNodeMap } from "./linux/node-map.ts";
export { formatNumberList } from "./linux/node-list.ts";
export { buildQemuTables } from "./qemu/build-tables.ts";
export { objectOrder } from "./qemu/object-order.ts";
export type * from "./qemu/qemu-machine.ts";
export { type QemuResult, type QemuVerdict, readQemuMachine } from "./qemu/read-qemu-machine.ts";
export type { Parameter as QemuParameter, QemuOption } from "./qemu/option-list.ts";
export type { PciFunction } from "./qemu/pci-layout.ts";
export type { Refusal } from "./qemu/refusals.ts";
export {
  ACPI_TABLE_NAMES,
  type AcpiTableName,
  type AcpiTables,
  readAcpiTable,
  type ReadTable,
  writeAcpiTables,
} from "./tables/acpi-tables.ts";
export type { Field, ValuesOf } from "./tables/byte-fields.ts";
export type * from "./tables/cedt.ts";
export { type DeviceHandle, formatDeviceHandle } from "./tables/device-handle.ts";
export * from "./tables/hmat.ts";
export type { Slit } from "./tables/slit.ts";
export * from "./tables/srat.ts";
export type { OtherStructure } from "./tables/structures.ts";
export type { OpenTable, TableHeader } from "./tables/table-header.ts";
export {
  type DesignDevice,
  type DesignOptions,
  type DesignOutcome,
  evaluateDesign,
  lateMemoryOf,
} from "./designs/evaluate-design.ts";
export type { LateDeletion, Survivors } from "./designs/late-deletion.ts";
export { MIG_EXAMPLE, type MigExample } from "./designs/mig-example.ts";
export {
  type DesignTables,
  MAX_EXAMPLE_DEVICES,
  MAX_EXAMPLE_NODES,
  NODE_DESIGNS,
  type NodeDesign,
} from "./designs/node-designs.ts";
