// The nouveau driver bound to one device, untimed. Shared memory is mapped where it is; memory of
// the device is reached by asking for it, 2 MiB at a time, as far as it goes. No peer is ever
// reached.
import {
  createOwnerSpace,
  EFAULT,
  ENOSYS,
  type MachineDevice,
  type MmStruct,
  type OwnerSpace,
  type TaskStruct,
} from "@faultline/core";
import {
  type AttachedDevice,
  type DeviceSystem,
  MIGRATE_VMA_SELECT_COMPOUND,
  MIGRATE_VMA_SELECT_SYSTEM,
  NOUVEAU_PATHS,
  type PathPolicy,
  pathPolicy,
  type Verb,
} from "@faultline/engine";
import { attachMemory } from "../device/attach-memory.ts";
import { DeviceMirror } from "../device/device-mirror.ts";
import type {
  DeviceAccessKind,
  DeviceFault,
  DeviceStack,
  PageRange,
} from "../device/device-stack.ts";
import { forEachVma, type MovePiece } from "../device/for-each-vma.ts";
import { migrateFaultingFolio } from "../device/migrate-faulting-folio.ts";
import { migrateToDevice, migrateToSystem } from "../device/migrate-range.ts";
import { OpenMirrors } from "../device/open-mirrors.ts";
import type { StackHost } from "../device/stack-host.ts";
import { createNouveauCounters, type NouveauCounters } from "./nouveau-counters.ts";
import { type NouveauKnobs, nouveauKnobs } from "./nouveau-knobs.ts";
import { serviceBuffer } from "./service-faults.ts";

/** One device. */
export class NouveauStack implements DeviceStack {
  readonly name = "nouveau";
  readonly system: DeviceSystem;
  readonly host: StackHost;
  readonly attached: AttachedDevice;
  readonly paths: PathPolicy;
  readonly knobs: NouveauKnobs;
  readonly stats: NouveauCounters = createNouveauCounters();
  private readonly mirrors = new OpenMirrors();

  /** @param owner by default the device itself, as the driver has it. */
  constructor(
    system: DeviceSystem,
    host: StackHost,
    device: MachineDevice,
    owner: OwnerSpace = createOwnerSpace(device.name),
    knobs: Partial<NouveauKnobs> = {},
  ) {
    this.system = system;
    this.host = host;
    this.knobs = nouveauKnobs(knobs);
    this.paths = pathPolicy(system.world.designs, NOUVEAU_PATHS);
    this.attached = attachMemory(system, device, {
      owner,
      migrateToRam: (fault) => migrateFaultingFolio(system, this.attached, fault),
    });
  }

  open(mm: MmStruct): DeviceMirror {
    return this.mirrors.open(mm, () => new DeviceMirror(this.system, this.attached, mm));
  }

  close(mirror: DeviceMirror): void {
    this.mirrors.close(mirror);
  }

  /** @kernelpart drivers/gpu/drm/nouveau/nouveau_svm.c nouveau_svm_init (v7.2) its first test */
  get hasSvm(): boolean {
    return this.knobs["nouveau.family"] === "pascal";
  }

  /** Entries that are read at once. */
  get maxBatch(): number {
    return this.knobs["nouveau.batch"] || Infinity;
  }

  /** A buffer of one entry. A fault that cannot be served kills the channel: -EFAULT. */
  *fault(mirror: DeviceMirror, task: TaskStruct, page: number, access: DeviceAccessKind): Verb {
    const [rc] = yield* this.faultBatch(mirror, task, [{ page, access }]);
    return rc as number;
  }

  /**
   * @returns for each entry 0, also where it was left to the replay; -EFAULT for all of them when
   * one could not be served, because they are one channel's; -ENOSYS without shared memory.
   */
  *faultBatch(
    { mm }: DeviceMirror,
    task: TaskStruct,
    faults: readonly DeviceFault[],
  ): Verb<readonly number[]> {
    if (!this.hasSvm) return faults.map(() => -ENOSYS);
    const buffer = faults.map(({ page, access }) => ({ mm, page, access }));
    const { killed } = yield* serviceBuffer(this, buffer, () => task);
    return faults.map(() => (killed.size > 0 ? -EFAULT : 0));
  }

  /**
   * Explicit migration, the only kind there is: what can move moves, the rest stays.
   * @kernelpart drivers/gpu/drm/nouveau/nouveau_svm.c nouveau_svmm_bind (v7.2) the migration
   */
  *prefetch({ mm }: DeviceMirror, _task: TaskStruct, range: PageRange): Verb {
    if (!this.hasSvm) return -ENOSYS;
    const { system, attached: target } = this;
    const { world } = system;
    const flags = MIGRATE_VMA_SELECT_SYSTEM | MIGRATE_VMA_SELECT_COMPOUND;
    const move: MovePiece = (vma, start, end) =>
      migrateToDevice(system, { vma, start, end, flags, pgmapOwner: target.owner, target });
    return (yield* forEachVma(world, mm, range, world.blockPages, move)).rc;
  }

  *evict({ mm }: DeviceMirror, task: TaskStruct, range: PageRange): Verb {
    const { system, attached: from } = this;
    const { world } = system;
    const move: MovePiece = (vma, start, end) =>
      migrateToSystem(system, { from, task, range: { vma, start, end } });
    return (yield* forEachVma(world, mm, range, world.blockPages, move)).rc;
  }

  counters(): ReadonlyMap<string, number> {
    return new Map(Object.entries(this.stats));
  }
}
