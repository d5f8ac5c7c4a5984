// Every kind of file that machines can be imported from.
import { importHwloc } from "./hwloc/import-hwloc.ts";
import type { ImportOptions, ImportResult } from "./import-result.ts";
import { importLspci } from "./lspci/import-lspci.ts";
import { importNccl } from "./nccl/import-nccl.ts";
import { importNumactl } from "./numactl/import-numactl.ts";
import { importRocmSmi } from "./rocm-smi/import-rocm-smi.ts";
import { importNvidiaSmi } from "./nvidia-smi/import-nvidia-smi.ts";

/** A kind of file. */
export interface ImportKind {
  readonly name: string;
  /** The command that writes such a file. */
  readonly from: string;
  readonly read: (text: string, file: string, options?: ImportOptions) => ImportResult;
}

/** The kinds, by the names of the command line. */
export const IMPORT_KINDS: readonly ImportKind[] = [
  { name: "nvidia-smi", from: "nvidia-smi topo -m", read: importNvidiaSmi },
  { name: "hwloc", from: "lstopo topology.xml", read: importHwloc },
  { name: "lspci", from: "lspci -vvv", read: importLspci },
  { name: "nccl", from: "NCCL_TOPO_DUMP_FILE of NCCL or RCCL", read: importNccl },
  { name: "rocm-smi", from: "rocm-smi --showtopo", read: importRocmSmi },
  { name: "numactl", from: "numactl -H", read: importNumactl },
];
