// Whether MIG on a part needs uncached memory of its own. Grace Hopper does; Grace Blackwell says
// in an NVIDIA DVSEC that it does not.

/** A designated vendor-specific capability: whose, which, and its bytes from the header on. */
export interface Dvsec {
  readonly vendor: number;
  readonly id: number;
  readonly bytes: Uint8Array;
}

const PCI_VENDOR_ID_NVIDIA = 0x10de;
const GPU_DVSEC_ID = 3;
/** Offset of the word whose bit 0 says that the defect is mended. */
const FIXED_WORD_OFFSET = 0xa;

/**
 * Whether the part has the defect: true without NVIDIA's DVSEC 3, and with its bit 0 clear.
 * @kernel drivers/vfio/pci/nvgrace-gpu/main.c nvgrace_gpu_has_mig_hw_bug (v7.2)
 */
export function nvgraceGpuHasMigHwBug(capabilities: readonly Dvsec[]): boolean {
  const own = capabilities.find(
    ({ vendor, id }) => vendor === PCI_VENDOR_ID_NVIDIA && id === GPU_DVSEC_ID,
  );
  return ((own?.bytes[FIXED_WORD_OFFSET] ?? 0) & 1) === 0;
}
