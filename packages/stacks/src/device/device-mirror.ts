// A device's view of one address space: its page table there, the subscription that keeps it
// honest, and the DMA mappings behind it. What every driver has; when to map what is the driver's.
import {
  APERTURE_INTERCONNECT,
  APERTURE_LOCAL,
  APERTURE_PCIE_P2P,
  type DevPagemap,
  type DeviceAccess,
  DevicePageTable,
  type DeviceTranslation,
  type DmaAddress,
  EFAULT,
  type MmStruct,
  MmuIntervalNotifier,
  type MmuNotifierRange,
  MmuNotifierSubscriptions,
  mmuIntervalSetSeq,
  PCI_P2PDMA_MAP_BUS_ADDR,
  STAGE_DMA_MAP,
  STAGE_MAP,
} from "@faultline/core";
import {
  type AttachedDevice,
  type DeviceSystem,
  mapPath,
  type Path,
  type PathPolicy,
  reachesMemory,
  selectPath,
  unmapPath,
} from "@faultline/engine";
import { noteFlush, noteWork } from "./driver-work.ts";

/** The subscription covers every address. */
const END_OF_SPACE = 2 ** 45;

/** Called when part of the address space changes, before the mirror forgets it. */
export type InvalidateHook = (range: MmuNotifierRange) => void;

/** Where the DMA addresses behind a mirror's entries come from and go to. */
export interface DmaMapper {
  /**
   * Each virtual page has one mapping, which stays when its entry is written anew. @defaultValue
   * mappings are counted, and each entry has one
   */
  readonly isBySlot?: boolean;
  /** The address of the path's frame for a virtual page; null for DMA_MAPPING_ERROR. */
  map(page: number, path: Path): DmaAddress | null;
  /** Gives back what `map` made for the page. */
  unmap(page: number, pfn: number): void;
  /** The address in use; null for local memory. */
  address(page: number, pfn: number): DmaAddress | null;
}

/** Each page by itself, through the path that was chosen; pages that are mapped twice share. */
function pathMapper(system: DeviceSystem, device: AttachedDevice): DmaMapper {
  return {
    map: (_page, path) => mapPath(system, device, path),
    unmap: (_page, pfn) => unmapPath(system, device, pfn),
    address: (_page, pfn) => device.mappings.get(pfn)?.address ?? null,
  };
}

/** One device's mirror of one address space. */
export class DeviceMirror {
  readonly system: DeviceSystem;
  readonly device: AttachedDevice;
  readonly mm: MmStruct;
  readonly table: DevicePageTable;
  readonly notifier: MmuIntervalNotifier;
  /** Translations that were taken away: what a real device's TLB shoot-downs come from. */
  nrInvalidations = 0;
  /** The device has stopped what uses it: no access goes through, whatever the table says. */
  isStopped = false;
  /**
   * Frames of read-only copies in the device's own memory that entries lead to, by page. The driver
   * that makes them ends them before their page changes.
   */
  readonly duplicates: Map<number, number> = new Map();
  private readonly dma: DmaMapper;

  // Values, not methods, because each walk of hmm_range_fault() is handed both.

  /** A device of the own space is out of reach when there is a link to it and it is down. */
  readonly isReachable = (pgmap: DevPagemap): boolean => {
    const { fabric } = this.system.machine;
    const from = this.device.device.name;
    const to = this.system.deviceOf(pgmap).device.name;
    const hasLink = fabric.linksAt(from).some((link) => link.otherEnd(from) === to);
    return !hasLink || fabric.isLinked(from, to);
  };

  /** Whether PCI or a link leads to a device's memory: the p2p_allow() of those who have none. */
  readonly reachesMemory = (pgmap: DevPagemap): boolean =>
    reachesMemory(this.system, this.device.device, this.system.deviceOf(pgmap).device);

  constructor(
    system: DeviceSystem,
    device: AttachedDevice,
    mm: MmStruct,
    onInvalidate: InvalidateHook = () => {},
    dma: DmaMapper = pathMapper(system, device),
  ) {
    const { world } = system;
    this.system = system;
    this.device = device;
    this.mm = mm;
    this.dma = dma;
    this.table = new DevicePageTable(world.tables, world.geometry.levels);
    this.notifier = new MmuIntervalNotifier(mm, 0, END_OF_SPACE, (notifier, range, seq) => {
      mmuIntervalSetSeq(notifier, seq);
      onInvalidate(range);
      this.unmap(range.start, range.end - range.start);
    });
    mm.notifierSubscriptions ??= new MmuNotifierSubscriptions();
    mm.notifierSubscriptions.insert(this.notifier);
  }

  /**
   * Maps consecutive pages to consecutive frames along one path, over whatever was there.
   * @param path the path of the first page; the others lie behind it in the same memory.
   * @returns 0, or -EFAULT when a page cannot be mapped for DMA; then none of them is.
   */
  mapRun(page: number, nrPages: number, path: Path, access: DeviceAccess): number {
    const { effort } = this.system.world;
    const stage = effort.enterStage(STAGE_DMA_MAP);
    let nrMapped = 0;
    while (nrMapped < nrPages && this.mapFrame(page + nrMapped, path, nrMapped)) nrMapped++;
    effort.enterStage(stage);
    if (path.aperture !== APERTURE_LOCAL) this.noteEntries(STAGE_DMA_MAP, page, nrMapped, path.pfn);
    const isDone = nrMapped === nrPages;
    if (isDone && this.dma.isBySlot === true) this.table.unmap(page, nrPages);
    else this.unmap(page, nrPages);
    if (!isDone) {
      for (let i = 0; i < nrMapped; i++) this.dma.unmap(page + i, path.pfn + i);
      return -EFAULT;
    }
    this.table.map(page, nrPages, path.aperture, path.pfn, access);
    this.noteEntries(STAGE_MAP, page, nrPages, path.pfn);
    this.note(path.rule, page, nrPages);
    return 0;
  }

  /** Tells a recorder what was decided about pages of this address space. */
  note(rule: string, page: number, nrPages: number): void {
    this.system.world.recorder?.note(rule, this.mm.mmId, page, nrPages);
  }

  /** The translation of a page, or null when the device would fault. */
  lookup(page: number): DeviceTranslation | null {
    return this.table.lookup(page);
  }

  /** The address behind the translation of a page; null for local memory. */
  addressOf(page: number, { pfn }: DeviceTranslation): DmaAddress | null {
    return this.dma.address(page, pfn);
  }

  /** Forgets the translations of a range and gives their mappings back. */
  unmap(page: number, nrPages: number): void {
    if (nrPages !== 1 || this.table.rights(page) !== 0) this.forget(page, nrPages);
  }

  private forget(page: number, nrPages: number): void {
    const before = this.nrInvalidations;
    this.table.forEach(page, nrPages, (first, nrLeafPages, { pfn }) => {
      this.nrInvalidations++;
      for (let i = 0; i < nrLeafPages; i++) this.dma.unmap(first + i, pfn + i);
    });
    this.table.unmap(page, nrPages);
    if (this.nrInvalidations > before) noteFlush(this.system.world, this.device);
  }

  /**
   * After a link has gone down: forgets translations that lead over a link to a device that no link
   * reaches any more. Their next access chooses a path anew.
   * @returns how many pages lost their translation.
   */
  revalidate(): number {
    const { fabric } = this.system.machine;
    return this.forgetWhere(APERTURE_INTERCONNECT, (_, pfn) => {
      const holder = this.system.memoryDevice(pfn)?.name ?? "";
      return !fabric.isLinked(this.device.device.name, holder);
    });
  }

  /**
   * After PCI has changed how peers talk: forgets translations into a peer's BAR that would lead
   * elsewhere, or nowhere, today.
   * @param policy the paths that the driver considers.
   * @returns how many pages lost their translation.
   */
  revalidatePeers(policy: PathPolicy): number {
    return this.forgetWhere(APERTURE_PCIE_P2P, (page, pfn) => {
      return !this.leadsToPeer(page, pfn, policy);
    });
  }

  /** Ends the mirror; it must not be used afterwards. */
  close(): void {
    this.mm.notifierSubscriptions?.remove(this.notifier);
    this.unmap(0, END_OF_SPACE);
    this.table.destroy();
  }

  /** Forgets translations of one aperture, neighbours together; returns how many lost theirs. */
  private forgetWhere(wanted: number, isLost: (page: number, pfn: number) => boolean): number {
    const lost: number[] = [];
    this.table.forEach(0, END_OF_SPACE, (page, nrPages, { aperture, pfn }) => {
      if (aperture !== wanted) return;
      for (let i = 0; i < nrPages; i++) if (isLost(page + i, pfn + i)) lost.push(page + i);
    });
    for (let at = 0; at < lost.length; ) {
      const first = lost[at] ?? 0;
      let nrPages = 1;
      while (lost[at + nrPages] === first + nrPages) nrPages++;
      this.unmap(first, nrPages);
      at += nrPages;
    }
    return lost.length;
  }

  /** Whether an entry into a peer's BAR has the kind of address that it would get now. */
  private leadsToPeer(page: number, pfn: number, policy: PathPolicy): boolean {
    const path = selectPath({ system: this.system, requester: this.device, pfn, policy });
    if (path?.aperture !== APERTURE_PCIE_P2P) return false;
    const isBus = this.dma.address(page, pfn)?.space.kind === "bus";
    return isBus === (path.mapType === PCI_P2PDMA_MAP_BUS_ADDR);
  }

  /** Notes the entries of a run: whole blocks that are aligned like their frames have one each. */
  private noteEntries(stage: number, page: number, nrPages: number, pfn: number): void {
    const { blockPages } = this.table;
    const { world } = this.system;
    const isAligned = (pfn - page) % blockPages === 0;
    const first = Math.ceil(page / blockPages);
    const nrBlocks = isAligned ? Math.max(0, Math.floor((page + nrPages) / blockPages) - first) : 0;
    noteWork(world, this.device, stage, nrPages - nrBlocks * blockPages, 0);
    noteWork(world, this.device, stage, nrBlocks, world.geometry.pmdOrder);
  }

  /** Maps frame `i` of a run. */
  private mapFrame(page: number, path: Path, i: number): boolean {
    if (i === 0) return this.dma.map(page, path) !== null;
    const { rule, aperture, initiator, mapType, route } = path;
    const pfn = path.pfn + i;
    return this.dma.map(page, { rule, aperture, pfn, initiator, mapType, route }) !== null;
  }
}
