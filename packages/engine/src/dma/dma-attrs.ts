// Attributes of a DMA mapping. Mirrors include/linux/dma-mapping.h; only those that change what the
// simulated routes do.

/** The memory is not RAM: no bouncing, no cache maintenance. */
export const DMA_ATTR_MMIO: number = 1 << 10;
/** Fail rather than bounce or map for a device that is not coherent. */
export const DMA_ATTR_REQUIRE_COHERENT: number = 1 << 12;
