// A page as the DMA layer meets it: a CPU page number, and whose peer memory it is.
import type { P2pdmaProvider } from "@faultline/core";

/** A page to be mapped for a device. */
export interface DmaPage {
  /** CPU physical page number. */
  readonly pfn: number;
  /** The provider of peer memory; null for RAM. */
  readonly provider: P2pdmaProvider | null;
}
