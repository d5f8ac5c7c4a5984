// One device of the test driver, /dev/hmm_dmirrorN: its memory and the files that are open on it.
// Mirrors struct dmirror_device and the dev_pagemap callbacks of lib/test_hmm.c.
import {
  checkWholeNumber,
  EFFORT_PLACE_DEVICE,
  EFFORT_PLACE_SWAP,
  createOwnerSpace,
  DevPagemap,
  type DevPagemapOps,
  invariant,
  MEMORY_DEVICE_COHERENT,
  MEMORY_DEVICE_PRIVATE,
  type OwnerSpace,
  type World,
} from "@faultline/core";
import type { FaultContext } from "@faultline/engine";
import { DeviceMemory } from "./device-memory.ts";
import type { Dmirror } from "./dmirror.ts";
import { dmirrorDevmemFault } from "./dmirror-devmem-fault.ts";

/** One device; every file opened on it shares its owner and its memory. */
export class DmirrorDevice implements DevPagemapOps<FaultContext> {
  readonly world: World;
  readonly owner: OwnerSpace;
  readonly pgmap: DevPagemap;
  /** @internal */
  readonly memory: DeviceMemory;
  readonly isCoherent: boolean;
  /** Open files by their number on the device. */
  readonly files: Map<number, Dmirror> = new Map();
  /** Closed files whose pages found no room in system memory; their pages still name them. */
  readonly closedFiles: Map<number, Dmirror> = new Map();
  private nextFile = 1;

  constructor(world: World, number: number, isCoherent: boolean) {
    checkWholeNumber(number, "number", 0, EFFORT_PLACE_SWAP - EFFORT_PLACE_DEVICE - 1);
    this.world = world;
    this.isCoherent = isCoherent;
    this.owner = createOwnerSpace(`hmm_dmirror${number}`);
    const type = isCoherent ? MEMORY_DEVICE_COHERENT : MEMORY_DEVICE_PRIVATE;
    this.pgmap = new DevPagemap(type, this.owner, number, this);
    this.memory = new DeviceMemory(world, this.pgmap, isCoherent ? 1 : Number.POSITIVE_INFINITY);
    // A coherent range is part of the machine; private memory is added when it is first needed.
    if (isCoherent) this.memory.addChunk(0);
  }

  /** A number for the next file that is opened. */
  takeFileNumber(): number {
    return this.nextFile++;
  }

  /** Files that were ever opened on the device. */
  get nrFilesOpened(): number {
    return this.nextFile - 1;
  }

  /** The file on whose behalf a device page was allocated. */
  fileOf(pfn: number): Dmirror {
    const id = this.memory.ownerOf(pfn);
    const file = this.files.get(id) ?? this.closedFiles.get(id);
    if (file === undefined) return invariant(false, `frame ${pfn} outlived its file`) as never;
    return file;
  }

  /** @kernel lib/test_hmm.c dmirror_devmem_fault (v7.2) */
  migrateToRam(fault: FaultContext): number {
    return dmirrorDevmemFault(this.fileOf(fault.pfn), fault);
  }

  /** @kernel lib/test_hmm.c dmirror_devmem_free (v7.2) */
  folioFree(head: number, order: number): void {
    this.memory.free(head, order);
  }
}
