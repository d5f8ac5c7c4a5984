// Superchips that the variant driver serves, with the memory their firmware reports and which
// generation's rules they follow.

/** One product. */
export interface GracePart {
  readonly id: string;
  readonly name: string;
  /** PCI device ids (vendor 10de) in the driver's table that the product may have. */
  readonly deviceIds: readonly number[];
  /** Nominal GPU memory in bytes. */
  readonly memLength: bigint;
  readonly hasMigHwBug: boolean;
}

const GIB = 1n << 30n;

/**
 * Nominal sizes. Ids: the driver's device table in Linux 7.2. Sizes: product names, for GB200 and
 * GB300 the 186 and 288 GiB that their firmware is taken to report.
 */
export const GRACE_PARTS: readonly GracePart[] = [
  {
    id: "gh200-96",
    name: "GH200, 96 GiB HBM3",
    deviceIds: [0x2342, 0x2345],
    memLength: 96n * GIB,
    hasMigHwBug: true,
  },
  {
    id: "gh200-144",
    name: "GH200, 144 GiB HBM3e",
    deviceIds: [0x2348],
    memLength: 144n * GIB,
    hasMigHwBug: true,
  },
  {
    id: "gb200",
    name: "GB200, 186 GiB HBM3e",
    deviceIds: [0x2941],
    memLength: 186n * GIB,
    hasMigHwBug: false,
  },
  {
    id: "gb300",
    name: "GB300, 288 GiB HBM3e",
    deviceIds: [0x31c2],
    memLength: 288n * GIB,
    hasMigHwBug: false,
  },
];
