// A world: one machine with its kernel state. Everything a verb needs is reachable from here, and a
// checkpoint of the world is a checkpoint of everything.
import { AddressSpace, type FileKind } from "./address-space.ts";
import { AnonVma } from "./anon-vma.ts";
import { ArgumentError, checkArgument, checkWholeNumber } from "./argument-error.ts";
import { BuddyAllocator } from "./buddy-allocator.ts";
import { type Designs, withDesigns } from "./designs.ts";
import { EffortLog } from "./effort-log.ts";
import { FRAME_TAIL } from "./frame-flags.ts";
import { FRAME_CHUNK_SIZE, FrameTable } from "./frame-table.ts";
import { invariant } from "./invariant-error.ts";
import { KERNEL_7_2_FIXED, type KernelPreset } from "./kernel-preset.ts";
import { defaultKernelSettings, type KernelSettings } from "./kernel-settings.ts";
import { LargeFolioTable } from "./large-folio-table.ts";
import { MmStruct } from "./mm-struct.ts";
import { type PageGeometry, X86_4K } from "./page-geometry.ts";
import { PageTable } from "./page-table.ts";
import type { Recorder } from "./recorder.ts";
import type { DevPagemap } from "./dev-pagemap.ts";
import { SwapDevice } from "./swap-device.ts";
import { TableArena } from "./table-arena.ts";
import type { TaskStruct } from "./task-struct.ts";
import { VmEvents } from "./vm-events.ts";
import type { Wait } from "./wait.ts";

/** One NUMA node of a machine. */
export interface NumaNodeSpec {
  /** Pages of memory; 0 for a memory-less node. */
  readonly nrPages: number;
  /** CPUs of the node. */
  readonly cpus: readonly number[];
}

/** What a world is built from. Every field has a default. */
export interface WorldSpec {
  /** @defaultValue X86_4K */
  readonly geometry?: PageGeometry;
  /** @defaultValue KERNEL_7_2_FIXED */
  readonly kernel?: KernelPreset;
  /** @defaultValue one node of 2 GiB with CPU 0 */
  readonly nodes?: readonly NumaNodeSpec[];
  /** Pages of swap; 0 for none. @defaultValue 0 */
  readonly nrSwapPages?: number;
  /** @defaultValue the reference configuration */
  readonly settings?: Partial<KernelSettings>;
  /** @defaultValue what Linux 7.2 does */
  readonly designs?: Partial<Designs>;
}

/** An object that folios' reverse mapping can point to, found by its id. */
export type RmapTarget = AnonVma | AddressSpace | KsmStableNode;

/** A KSM page's reverse mapping: which (anon_vma, page) items share it. */
export interface KsmStableNode {
  readonly kind: "ksm";
  readonly id: number;
  pfn: number;
  /** Items that merged into the page, newest first: the order in which they are visited. */
  readonly items: KsmRmapItem[];
}

/** One page that took part in KSM merging. */
export interface KsmRmapItem {
  readonly mm: MmStruct;
  /** Virtual page. */
  readonly page: number;
  /** Linear page index, modulo 2^32. */
  readonly index: number;
  readonly anonVma: AnonVma;
}

/** A node has no memory, or at least one of the largest blocks; some node has memory. */
function checkNodes(nodes: readonly NumaNodeSpec[], blockPages: number): void {
  for (const { nrPages, cpus } of nodes) {
    checkWholeNumber(nrPages, "nodes.nrPages", nrPages === 0 ? 0 : blockPages, 2 ** 32 - 1);
    for (const cpu of cpus) checkWholeNumber(cpu, "nodes.cpus");
  }
  const hasMemory = nodes.some((node) => node.nrPages > 0);
  checkArgument(hasMemory, "nodes", "no node has memory");
}

/** One machine and the state of its kernel. */
export class World {
  readonly geometry: PageGeometry;
  readonly kernel: KernelPreset;
  readonly settings: KernelSettings;
  readonly designs: Designs;
  readonly frames: FrameTable = new FrameTable();
  readonly largeFolios: LargeFolioTable = new LargeFolioTable();
  readonly tables: TableArena;
  readonly nodes: readonly NumaNodeSpec[];
  readonly buddies: readonly BuddyAllocator[];
  readonly swap: SwapDevice | null;
  readonly effort: EffortLog = new EffortLog();
  /** What /proc/vmstat would count. */
  readonly vmEvents: VmEvents = new VmEvents();
  readonly tasks: Map<number, TaskStruct> = new Map();
  readonly pgmaps: DevPagemap[] = [];
  /** Runs of single pages that the kernel has taken for itself. */
  readonly reserved: { first: number; nrPages: number }[] = [];
  /** Shared zero page. */
  readonly zeroPfn: number;
  /** Head of the shared huge zero folio. */
  readonly hugeZeroPfn: number;
  /** Pages of one PMD block. */
  readonly blockPages: number;
  /** NUMA balancing's record of the last faulting (cpu, pid) per folio head. */
  readonly lastCpupid: Map<number, number> = new Map();
  /** Heads of folios on the active LRU list, as far as use by the kernel itself put them there. */
  readonly activeFolios: Set<number> = new Set();
  /** State that later kernel subsystems keep per world (KSM tree, khugepaged), by name. */
  readonly subsystems: Map<string, object> = new Map();
  recorder: Recorder | null = null;
  /** Set by a restartable function that returned "wait"; read by whoever called it. */
  pendingWait: Wait | null = null;
  /** Of a driver that left a page where it is: until when, by its host's clock; else 0. */
  keptUntilPs = 0;
  private readonly nodeOfCpu: Map<number, number> = new Map();
  private readonly rmapTargets: (RmapTarget | null)[] = [null];
  private readonly freeRmapIds: number[] = [];
  private nextMmId = 1;
  private nextPid = 1;

  constructor(spec: WorldSpec = {}) {
    this.geometry = spec.geometry ?? X86_4K;
    this.kernel = spec.kernel ?? KERNEL_7_2_FIXED;
    this.designs = withDesigns(spec.designs ?? {});
    this.tables = new TableArena(this.geometry.tableShift);
    this.blockPages = 1 << this.geometry.pmdOrder;
    this.settings = { ...defaultKernelSettings(this.blockPages), ...spec.settings };
    const twoGiB = 2 ** (31 - this.geometry.pageShift);
    this.nodes = spec.nodes ?? [{ nrPages: twoGiB, cpus: [0] }];
    checkNodes(this.nodes, 1 << this.geometry.maxPageOrder);
    checkWholeNumber(spec.nrSwapPages ?? 0, "nrSwapPages", 0, 2 ** 32 - 2);
    this.nodes.forEach((node, id) => {
      for (const cpu of node.cpus) this.nodeOfCpu.set(cpu, id);
    });
    this.buddies = this.nodes.map(
      (node, id) => new BuddyAllocator(this.frames, id, node.nrPages, this.geometry.maxPageOrder),
    );
    this.swap = (spec.nrSwapPages ?? 0) > 0 ? new SwapDevice(spec.nrSwapPages ?? 0) : null;
    this.zeroPfn = this.reserve(0);
    this.hugeZeroPfn = this.reserve(this.geometry.pmdOrder);
  }

  /** NUMA node of a CPU. */
  cpuNode(cpu: number): number {
    const node = this.nodeOfCpu.get(cpu);
    if (node === undefined) throw new ArgumentError("cpu", `there is no CPU ${cpu}`);
    return node;
  }

  /** A new, empty address space. */
  createMm(): MmStruct {
    return new MmStruct(
      this.nextMmId++,
      new PageTable(this.tables, this.geometry.levels, this.effort),
    );
  }

  /** A new process with an empty address space (or the given one) on a CPU. */
  createTask(cpu: number, mm: MmStruct = this.createMm()): TaskStruct {
    this.cpuNode(cpu);
    const task: TaskStruct = {
      pid: this.nextPid++,
      comm: "program",
      mm,
      cpu,
      mempolicy: null,
      nrThreads: 1,
      numaPreferredNode: -1,
    };
    this.tasks.set(task.pid, task);
    return task;
  }

  /** A new anon_vma; `parent` is null for a root. */
  createAnonVma(parent: AnonVma | null): AnonVma {
    const anonVma = new AnonVma(this.takeRmapId(), parent);
    this.rmapTargets[anonVma.id] = anonVma;
    return anonVma;
  }

  /** A new page cache. */
  createAddressSpace(kind: FileKind, nrPages: number): AddressSpace {
    const pages = new PageTable(this.tables, this.geometry.levels);
    const file = new AddressSpace(this.takeRmapId(), kind, pages, nrPages);
    this.rmapTargets[file.id] = file;
    return file;
  }

  /** A new KSM stable node for the page. */
  createKsmStableNode(pfn: number): KsmStableNode {
    const node: KsmStableNode = { kind: "ksm", id: this.takeRmapId(), pfn, items: [] };
    this.rmapTargets[node.id] = node;
    return node;
  }

  /** Forgets an anon_vma, address space or stable node that no page refers to any more. */
  dropRmapTarget(target: RmapTarget): void {
    this.rmapTargets[target.id] = null;
    this.freeRmapIds.push(target.id);
  }

  /** The object a folio's `rmapOwner` names, or null. */
  rmapTarget(id: number): RmapTarget | null {
    return this.rmapTargets[id] ?? null;
  }

  /** Every anon_vma, page cache and stable node there is. */
  allRmapTargets(): RmapTarget[] {
    return this.rmapTargets.filter((target) => target !== null);
  }

  /**
   * Registers device memory.
   * @param devicePage what `pgmap` calls the first frame: its page in the device's memory or BAR.
   * @returns first pfn of `nrChunks` consecutive chunks of frames.
   */
  addDeviceChunks(pgmap: DevPagemap, nrChunks: number, devicePage = 0): number {
    const first = this.frames.addChunk(-1, pgmap, devicePage);
    for (let i = 1; i < nrChunks; i++) {
      this.frames.addChunk(-1, pgmap, devicePage + i * this.chunkPages);
    }
    if (!this.pgmaps.includes(pgmap)) this.pgmaps.push(pgmap);
    return first;
  }

  /** Pages in one chunk of frames. */
  get chunkPages(): number {
    return FRAME_CHUNK_SIZE;
  }

  /**
   * Takes single pages for good, as the kernel does for its own tables: from `node` as long as it
   * has any, then from the others.
   * @returns false when there are not enough; then none is taken.
   */
  reservePages(nrPages: number, node: number): boolean {
    const free = this.buddies.reduce((sum, { nrFree }) => sum + nrFree, 0);
    if (free < nrPages) return false;
    const preferred = this.buddies[node];
    for (let i = 0; i < nrPages; i++) this.noteReserved(this.reserve(0, preferred));
    return true;
  }

  /** Neighbours make one run, whichever way the allocator goes. */
  private noteReserved(pfn: number): void {
    const last = this.reserved.at(-1);
    if (last !== undefined && pfn === last.first - 1) last.first--;
    else if (last === undefined || pfn !== last.first + last.nrPages) {
      this.reserved.push({ first: pfn, nrPages: 1 });
      return;
    }
    last.nrPages++;
  }

  private reserve(order: number, preferred?: BuddyAllocator): number {
    let pfn = preferred?.alloc(order) ?? 0;
    for (const buddy of this.buddies) if (pfn === 0) pfn = buddy.alloc(order);
    invariant(pfn !== 0, "no memory for the kernel's own pages");
    for (let i = 0; i < 1 << order; i++) {
      this.frames.setFlags(pfn + i, order | (i > 0 ? FRAME_TAIL : 0));
      this.frames.setContent(pfn + i, 0);
    }
    this.frames.addExtraRefs(pfn, 1);
    if (order > 0) this.frames.setRmap(pfn + 1, this.largeFolios.alloc(), 0);
    return pfn;
  }

  private takeRmapId(): number {
    return this.freeRmapIds.pop() ?? this.rmapTargets.length;
  }
}
