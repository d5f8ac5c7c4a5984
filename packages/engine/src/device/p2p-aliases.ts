// The P2P pages that show a device's private memory through its BAR: exactly one for each page that
// lies inside the window. Not in 7.2; the posted series has a driver do this with
// pci_p2pdma_add_resource() and its own memory manager.
import {
  barStartPfn,
  DevPagemap,
  ENOMEM,
  invariant,
  type OwnerSpace,
  MEMORY_DEVICE_PCI_P2PDMA,
  type P2pdmaProvider,
  type World,
} from "@faultline/core";

/** What aliases are made for. */
export interface P2pAliasSpec {
  /** The BAR, whose first byte shows the first byte of the memory. */
  readonly provider: P2pdmaProvider;
  /** Pages of the memory that the BAR shows. */
  readonly nrVisiblePages: number;
  readonly owner: OwnerSpace;
  /** Number of the device in its machine. */
  readonly device: number;
}

/** The aliases of one device. Frames for them exist from the first one of a chunk on. */
export class P2pAliases {
  readonly pgmap: DevPagemap;
  readonly nrVisiblePages: number;
  private readonly world: World;
  private readonly barPage: number;
  /** First alias of each chunk of device memory, by the chunk's first page in that memory. */
  private readonly chunks = new Map<number, number>();
  /** The way back: first private frame by first alias. */
  private readonly privateChunks = new Map<number, number>();

  constructor(world: World, { provider, nrVisiblePages, owner, device }: P2pAliasSpec) {
    const ops = {
      migrateToRam: () => invariant(false, "a P2P page is never migrated") as never,
      folioFree: () => invariant(false, "a P2P page is never freed") as never,
    };
    this.world = world;
    this.nrVisiblePages = nrVisiblePages;
    this.barPage = barStartPfn(provider.bar, world.geometry.pageShift);
    this.pgmap = new DevPagemap(MEMORY_DEVICE_PCI_P2PDMA, owner, device, ops, provider);
  }

  /**
   * The P2P page of a private one.
   * @returns its pfn, or -ENOMEM for a page outside the window.
   */
  aliasOf(pfn: number): number {
    const { frames, chunkPages } = this.world;
    const devicePage = frames.devicePageOf(pfn);
    if (devicePage >= this.nrVisiblePages) return -ENOMEM;
    const offset = pfn % chunkPages;
    const first = devicePage - offset;
    let alias = this.chunks.get(first);
    if (alias === undefined) {
      alias = this.world.addDeviceChunks(this.pgmap, 1, this.barPage + first);
      this.chunks.set(first, alias);
      this.privateChunks.set(alias, pfn - offset);
    }
    return alias + offset;
  }

  /** The private page that a P2P page of this device shows. */
  shownBy(alias: number): number {
    const offset = alias % this.world.chunkPages;
    const first = this.privateChunks.get(alias - offset);
    if (first === undefined) return invariant(false, `frame ${alias} is no alias`) as never;
    return first + offset;
  }
}
