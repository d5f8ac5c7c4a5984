// What VFIO offers a VMM about NVLink2 devices (Linux 4.20 to 5.12), and where QEMU up to 7.2 puts
// it in a pseries guest.
import type { NpuWiring } from "./npu-wiring.ts";

/** One device-specific region. */
export interface Nvlink2Region {
  /** The function that has it. */
  readonly path: string;
  readonly kind: "gpu-memory" | "atsd";
  /** PCI vendor whose region type it is: NVIDIA's for memory, IBM's for ATSD. */
  readonly vendor: 0x10de | 0x1014;
  readonly subtype: 1;
  readonly sizeBytes: bigint;
  /** What pairs a bridge with its GPU in the guest. */
  readonly tgt: bigint;
  /** Link speed code of a bridge. */
  readonly speedCode: number | null;
  /** The host's register behind a bridge's region. */
  readonly atsd: bigint | null;
}

const PAGE_BYTES = 1n << 16n;
const GUEST_GPU_RAM_BASE = 1n << 46n;
const GUEST_GPU_RAM_STRIDE = 1n << 41n;
const GUEST_ATSD_BASE = 1n << 47n;
const GUEST_ATSD_STRIDE = 18n * PAGE_BYTES;

/** The regions of every GPU and bridge; empty while firmware has made none. */
export function nvlink2Regions({ gpus }: NpuWiring): Nvlink2Region[] {
  return gpus.flatMap(({ path, memory, bridges }): Nvlink2Region[] => {
    if (path === null || memory === null) return [];
    const { windowBytes, tgt } = memory;
    const own: Nvlink2Region = {
      path,
      kind: "gpu-memory",
      vendor: 0x10de,
      subtype: 1,
      sizeBytes: windowBytes,
      tgt,
      speedCode: null,
      atsd: null,
    };
    const others = bridges.flatMap((bridge): Nvlink2Region[] => {
      const { path: bridgePath, atsd, speedCode } = bridge;
      if (bridgePath === null) return [];
      const sizeBytes = atsd === null ? 0n : PAGE_BYTES;
      const kind = { kind: "atsd", vendor: 0x1014, subtype: 1 } as const;
      return [{ path: bridgePath, ...kind, sizeBytes, tgt, speedCode, atsd }];
    });
    return [own, ...others];
  });
}

/** Where QEMU puts GPU memory and ATSD registers of one virtual host bridge. */
export interface GuestPlacement {
  readonly phb: number;
  readonly gpus: readonly { readonly name: string; readonly base: bigint }[];
  readonly atsd: bigint;
}

/** One virtual host bridge for each NPU, because a bridge holds one IOMMU group. */
export function placeInGuest({ gpus, npus }: NpuWiring): GuestPlacement[] {
  return npus.map((_, phb) => {
    let base = GUEST_GPU_RAM_BASE + BigInt(phb) * GUEST_GPU_RAM_STRIDE;
    const own = gpus.filter((gpu) => gpu.npu === phb && gpu.memory !== null);
    return {
      phb,
      gpus: own.map(({ name, memory }) => {
        const placed = { name, base };
        base += memory?.windowBytes ?? 0n;
        return placed;
      }),
      atsd: GUEST_ATSD_BASE + BigInt(phb) * GUEST_ATSD_STRIDE,
    };
  });
}
