// Every kind of file that machines can be imported from.
import { checkedImport } from "./checked-import.ts";
import { hasErrors } from "@faultline/diagnostics";
import { importAcpi } from "./acpi/import-acpi.ts";
import { importDevicetree } from "./devicetree/import-devicetree.ts";
import { importHwloc } from "./hwloc/import-hwloc.ts";
import type { ImportInput } from "./import-input.ts";
import { type ImportOptions, type ImportResult, refusedImport } from "./import-result.ts";
import { importKfd } from "./kfd/import-kfd.ts";
import { importLspci } from "./lspci/import-lspci.ts";
import { importNccl } from "./nccl/import-nccl.ts";
import { importNumactl } from "./numactl/import-numactl.ts";
import { importQemu } from "./qemu/import-qemu.ts";
import { importRocmSmi } from "./rocm-smi/import-rocm-smi.ts";
import { importNvidiaSmi } from "./nvidia-smi/import-nvidia-smi.ts";

/** A kind of file. */
export interface ImportKind {
  readonly name: string;
  /** The command that writes such a file. */
  readonly from: string;
  readonly read: (input: ImportInput, options?: ImportOptions) => ImportResult;
}

type ReadText = (text: string, file: string, options?: ImportOptions) => ImportResult;

const KINDS: readonly ImportKind[] = [
  { name: "nvidia-smi", from: "nvidia-smi topo -m", read: ofText(importNvidiaSmi) },
  { name: "hwloc", from: "lstopo topology.xml, or the text of lstopo", read: ofText(importHwloc) },
  { name: "lspci", from: "lspci -vvv or -tv", read: ofText(importLspci) },
  { name: "nccl", from: "NCCL_TOPO_DUMP_FILE of NCCL or RCCL", read: ofText(importNccl) },
  { name: "rocm-smi", from: "rocm-smi --showtopo", read: ofText(importRocmSmi) },
  { name: "kfd", from: "a copy of /sys/class/kfd/kfd/topology", read: importKfd },
  {
    name: "acpi",
    from: "SRAT, SLIT, HMAT and CEDT as bytes, iasl -d, acpidump or dmesg",
    read: importAcpi,
  },
  { name: "devicetree", from: "a device tree, source or blob", read: importDevicetree },
  { name: "qemu", from: "a QEMU command line", read: ofText(importQemu) },
  { name: "numactl", from: "numactl -H", read: ofText(importNumactl) },
];

/** The kinds, by the names of the command line. */
export const IMPORT_KINDS: readonly ImportKind[] = KINDS.map((kind) => ({
  ...kind,
  read: (input, options) => checkedImport(kind.read(input, options), input),
}));

/** A kind that is one text. */
function ofText(read: ReadText): ImportKind["read"] {
  return (input, options) => {
    const file = input.only();
    const source = file === null ? null : input.text(file);
    if (source === null) return refusedImport(input.problems);
    const result = read(source.text, source.file, options);
    return hasErrors(input.problems) ? refusedImport(input.problems) : result;
  };
}
