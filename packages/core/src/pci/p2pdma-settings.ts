// What decides whether peer DMA may pass the host bridge: the kernel's list of host bridges, and
// switches for those who ask what another policy would do. Mirrors pci_p2pdma_whitelist of
// drivers/pci/p2pdma.c.

/** One line of the list of host bridges that forward peer requests. */
export interface HostBridgeListEntry {
  readonly vendor: number;
  /** null stands for every device of the vendor. */
  readonly device: number | null;
  /** Only between two devices below the same host bridge. */
  readonly sameOnly: boolean;
}

const INTEL = 0x8086;
const GOOGLE = 0x1ae0;

const sameBridgeOnly = [0x3c00, 0x3c01, 0x2f00, 0x2f01];
const unrestricted = [0x2020, 0x2030, 0x2031, 0x2032, 0x2033, 0x09a2];
// Newer Xeons show an accelerator as the first device: DSA and IAA, or QAT.
const accelerators = [0x0b25, 0x0cfe, 0x11fb, 0x1212, 0x1216];
const cryptoAccelerators = [0x4940, 0x4942, 0x4944, 0x4946, 0x4948];

/** The host bridges that Linux 7.2 knows to forward peer requests. */
export const HOST_BRIDGE_LIST: readonly HostBridgeListEntry[] = [
  ...sameBridgeOnly.map((device) => ({ vendor: INTEL, device, sameOnly: true })),
  ...[...unrestricted, ...accelerators, ...cryptoAccelerators].map((device) => ({
    vendor: INTEL,
    device,
    sameOnly: false,
  })),
  { vendor: GOOGLE, device: null, sameOnly: false },
];

/** The policy of a machine; the defaults are those of Linux 7.2. */
export interface P2pdmaSettings {
  readonly hostBridgeList: readonly HostBridgeListEntry[];
  /** AMD processors from Zen on pass whatever their host bridges are. */
  readonly zenRule: boolean;
  /** Whether a provider remembers decided map types. */
  readonly cacheEnabled: boolean;
}

/** Linux 7.2. */
export const DEFAULT_P2PDMA_SETTINGS: P2pdmaSettings = {
  hostBridgeList: HOST_BRIDGE_LIST,
  zenRule: true,
  cacheEnabled: true,
};
