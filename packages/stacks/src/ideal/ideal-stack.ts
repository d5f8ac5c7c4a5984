// A driver without the limits of any real one: it uses every page where it lies as long as some
// path reaches it, and pulls it only when none does or a policy wants it to. A yardstick for the
// others, page by page.
import {
  EOPNOTSUPP,
  invariant,
  type MachineDevice,
  type MmStruct,
  type OwnerSpace,
  type TaskStruct,
} from "@faultline/core";
import {
  type AttachedDevice,
  type DeviceSystem,
  HMM_PFN_ALLOW_P2P,
  MIGRATE_VMA_SELECT_COMPOUND,
  MIGRATE_VMA_SELECT_DEVICE_PRIVATE,
  MIGRATE_VMA_SELECT_SYSTEM,
  type PathPolicy,
  pathPolicy,
  THREE_WAY_PATHS,
  type Verb,
} from "@faultline/engine";
import { attachMemory } from "../device/attach-memory.ts";
import { DeviceMirror } from "../device/device-mirror.ts";
import type { DeviceAccessKind, DeviceStack, PageRange } from "../device/device-stack.ts";
import { forEachVma, type MovePiece } from "../device/for-each-vma.ts";
import { leaveOwnPages } from "../device/leave-own-pages.ts";
import { mapRange } from "../device/map-range.ts";
import { migrateFaultingFolio } from "../device/migrate-faulting-folio.ts";
import { migrateToDevice, migrateToSystem } from "../device/migrate-range.ts";
import { mirrorRange, requestFlags } from "../device/mirror-range.ts";
import { OpenMirrors } from "../device/open-mirrors.ts";
import type { StackHost } from "../device/stack-host.ts";
import { idealKnobs } from "./ideal-knobs.ts";
import { IDEAL_PLACEMENTS, type Placement, type PlacementPolicy } from "./placement-policy.ts";

/** The driver bound to one device. */
export class IdealStack implements DeviceStack {
  readonly name = "ideal";
  readonly system: DeviceSystem;
  readonly host: StackHost;
  readonly attached: AttachedDevice;
  readonly paths: PathPolicy;
  private readonly mirrors = new OpenMirrors();
  private readonly placement: Placement;

  /** @param placements policies that `ideal.placement` may name, too. */
  constructor(
    system: DeviceSystem,
    host: StackHost,
    device: MachineDevice,
    owner: OwnerSpace,
    knobs: Readonly<Record<string, unknown>> = {},
    placements: ReadonlyMap<string, PlacementPolicy> = new Map(),
  ) {
    const policy = idealKnobs(knobs, placements.keys())["ideal.placement"];
    this.system = system;
    this.host = host;
    const make = placements.get(policy) ?? IDEAL_PLACEMENTS[policy];
    invariant(make !== undefined, `the policy ${policy} was checked`);
    this.placement = make(system, device);
    this.paths = pathPolicy(system.world.designs, THREE_WAY_PATHS);
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

  /**
   * Maps the page where it is. What neither the owner nor a P2P page makes reachable is faulted by
   * the walk, or, when a path turns out to be missing afterwards, made foreign and faulted then. So
   * is a device's page that may only be read: HMM never faults those it reports, not for a write
   * either, and as a foreign one it is copied.
   */
  *fault(mirror: DeviceMirror, task: TaskStruct, page: number, access: DeviceAccessKind): Verb {
    yield* this.place(mirror, task, page, access);
    const isWrite = access !== "read";
    const wanted = requestFlags(isWrite);
    const own = { request: wanted | HMM_PFN_ALLOW_P2P, owner: this.attached.owner };
    const rc = yield* this.mapPage(mirror, task, page, own);
    const leaf = mirror.lookup(page);
    if (rc !== 0 || (leaf !== null && (leaf.writable || !isWrite))) return rc;
    return yield* this.mapPage(mirror, task, page, { request: wanted, owner: null });
  }

  *prefetch(mirror: DeviceMirror, _task: TaskStruct, range: PageRange): Verb {
    return yield* this.pull(mirror, range);
  }

  /**
   * Peers of the own space push their pages directly; pages of other owners come back to system
   * memory first, and follow from there.
   */
  *pullFor(from: DeviceStack, mirror: DeviceMirror, task: TaskStruct, range: PageRange): Verb {
    const { designs } = this.system.world;
    if (from.name !== this.name && designs["migrate.crossDriver"] === "off") return -EOPNOTSUPP;
    const direct = yield* this.pull(mirror, range);
    if (direct !== 0) return direct;
    const request = { ...range, request: requestFlags(false), owner: this.attached.owner };
    const rc = yield* mirrorRange(this.host, mirror, task, request, () => 0);
    return rc === 0 ? yield* this.pull(mirror, range) : rc;
  }

  *evict({ mm }: DeviceMirror, task: TaskStruct, range: PageRange): Verb {
    const { system, attached: from } = this;
    const { world } = system;
    const move: MovePiece = (vma, start, end) =>
      migrateToSystem(system, { from, task, range: { vma, start, end } });
    return (yield* forEachVma(world, mm, range, world.blockPages, move)).rc;
  }

  /** Moves what the policy wants moved; where that is not to be, the page stays. */
  private *place(
    mirror: DeviceMirror,
    task: TaskStruct,
    page: number,
    access: DeviceAccessKind,
  ): Verb<void> {
    const { device } = this.attached;
    const fault = { device, mm: mirror.mm, page, access, nowPs: this.host.now() };
    const choice = this.placement.place(fault);
    if (choice === "stay") return;
    const { to, range } =
      typeof choice === "string" ? { to: choice, range: { start: page, nrPages: 1 } } : choice;
    if (to === "local") yield* this.pull(mirror, range);
    else yield* this.evict(mirror, task, range);
  }

  /** Moves system memory, and memory of peers of the own space, into the device. */
  private *pull({ mm }: DeviceMirror, range: PageRange): Verb {
    const { system, attached } = this;
    const { world } = system;
    const flags =
      MIGRATE_VMA_SELECT_SYSTEM | MIGRATE_VMA_SELECT_DEVICE_PRIVATE | MIGRATE_VMA_SELECT_COMPOUND;
    const move: MovePiece = (vma, start, end) =>
      migrateToDevice(system, {
        vma,
        start,
        end,
        flags,
        pgmapOwner: attached.owner,
        target: attached,
        accept: (args) => leaveOwnPages(world, args, attached.pgmap),
      });
    return (yield* forEachVma(world, mm, range, world.blockPages, move)).rc;
  }

  private *mapPage(
    mirror: DeviceMirror,
    task: TaskStruct,
    page: number,
    wanted: { readonly request: number; readonly owner: OwnerSpace | null },
  ): Verb {
    const request = { start: page, nrPages: 1, ...wanted };
    return yield* mirrorRange(this.host, mirror, task, request, (range) =>
      mapRange(mirror, range, { paths: this.paths, isAtomic: () => true }),
    );
  }
}
