// What all drivers have in common, as whoever uses a device sees them: open it for a process, let
// it access memory, ask it to move memory. How a fault is served is each driver's own.
import type { MachineDevice, MmStruct, TaskStruct } from "@faultline/core";
import type { AttachedDevice, DeviceSystem, PathPolicy, Verb } from "@faultline/engine";
import type { SvmFlagName } from "../amdkfd/svm-flags.ts";
import type { DeviceMirror } from "./device-mirror.ts";
import type { ServiceModel } from "./service-model.ts";
import type { StackHost } from "./stack-host.ts";

/** What a device does to a page. */
export type DeviceAccessKind = "read" | "write" | "atomic";

/** What a device's fault buffer says of an access: prefetches of the device may come to nothing. */
export type DeviceFaultKind = DeviceAccessKind | "prefetch";

/** One entry of a device's fault buffer. */
export interface DeviceFault {
  readonly page: number;
  readonly access: DeviceFaultKind;
}

/** The drivers of the package by the names that scenarios and machine documents use. */
export type StackName = "xe" | "amdkfd" | "nouveau" | "uvm" | "odp" | "sva" | "ideal";

/** Where a prefetch goes: the device's memory, system memory, or where the attributes say. */
export type PrefetchRegion = "local" | "system" | "preferred";

/** Pages of an address space. */
export interface PageRange {
  readonly start: number;
  readonly nrPages: number;
}

/**
 * Attributes of a range, as the user-space interfaces of the drivers set them. Each driver takes
 * those it has and refuses the others with -EINVAL.
 */
export interface DeviceAdvice {
  /** Where the pages should be: where the driver wants, in system memory, or on a device. */
  readonly preferredLocation?: "default" | "system" | MachineDevice;
  /** amdkfd: KFD_IOCTL_SVM_ATTR_ACCESS, _ACCESS_IN_PLACE, _NO_ACCESS for this device. */
  readonly access?: "access" | "in_place" | "none";
  /** amdkfd: KFD_IOCTL_SVM_ATTR_SET_FLAGS, then _CLR_FLAGS. */
  readonly setFlags?: readonly SvmFlagName[];
  readonly clrFlags?: readonly SvmFlagName[];
  /** amdkfd: KFD_IOCTL_SVM_ATTR_GRANULARITY, log2 of the pages of a migration. */
  readonly granularity?: number;
  /** xe: DRM_XE_ATOMIC_*. */
  readonly atomic?: "undefined" | "device" | "global" | "cpu";
  /** xe: DRM_XE_MIGRATE_ALL_PAGES, DRM_XE_MIGRATE_ONLY_SYSTEM_PAGES. */
  readonly migrationPolicy?: "all" | "onlySystem";
  /** xe: index into the page attribute table. */
  readonly patIndex?: number;
  /** xe: DRM_XE_VMA_PURGEABLE_STATE_*. */
  readonly purgeable?: "willneed" | "dontneed";
  /** UVM: UVM_SET_ACCESSED_BY for this device. */
  readonly accessedBy?: boolean;
  /** UVM: UVM_ENABLE_READ_DUPLICATION. */
  readonly readMostly?: boolean;
  /** mlx5: IB_UVERBS_ADVISE_MR_ADVICE_PREFETCH, _PREFETCH_WRITE, _PREFETCH_NO_FAULT. */
  readonly prefetch?: "read" | "write" | "no_fault";
  /** mlx5: IB_UVERBS_ADVISE_MR_FLAG_FLUSH; without it a worker prefetches. @defaultValue true */
  readonly flush?: boolean;
}

/** One driver bound to one device. */
export interface DeviceStack {
  /** A `StackName`, or the name of a plug-in. */
  readonly name: string;
  readonly system: DeviceSystem;
  readonly host: StackHost;
  readonly attached: AttachedDevice;
  /** The paths it considers. */
  readonly paths: PathPolicy;
  /** Opens the device for an address space; opening twice gives the same mirror. */
  open(mm: MmStruct): DeviceMirror;
  /** Closes it again: translations go, memory of the device stays where it is. */
  close(mirror: DeviceMirror): void;
  /**
   * Serves one fault of the device.
   * @param nrLeft pages from `page` on that the device's request still wants; most devices do not
   * tell, and most drivers do not look. @defaultValue 1
   * @returns 0 when the access may be tried again, else a negative errno: the access fails.
   */
  fault(
    mirror: DeviceMirror,
    task: TaskStruct,
    page: number,
    access: DeviceAccessKind,
    nrLeft?: number,
  ): Verb;
  /**
   * Serves a whole buffer of faults of one address space. A driver that takes one fault at a time
   * has no such method.
   * @returns a result for each entry, in their order: 0 when the access may be tried again, which
   * may fault again where the driver dropped the entry, else a negative errno.
   */
  faultBatch?(
    mirror: DeviceMirror,
    task: TaskStruct,
    faults: readonly DeviceFault[],
  ): Verb<readonly number[]>;
  /** Entries of the buffer that it reads at once. @defaultValue as many as there are */
  readonly maxBatch?: number;
  /**
   * Under a clock, how its faults are served.
   * @defaultValue a driver of the package as its source has it; others serve each fault at once
   */
  readonly service?: ServiceModel;
  /**
   * Asked under a clock when a fault has been served: how much longer the device waits before it
   * tries again. A device that tries at once has no such method.
   * @param waitedPs since the fault was raised.
   * @returns picoseconds, or a negative errno: the device has given up.
   */
  triesAgainAfter?(mirror: DeviceMirror, waitedPs: number): number;
  /**
   * Pulls a range into the device's memory, as its prefetch does.
   * @returns 0, or a negative errno.
   */
  prefetch(mirror: DeviceMirror, task: TaskStruct, range: PageRange): Verb;
  /**
   * A prefetch that says where to. A driver whose prefetch only goes one way has no such method.
   * @returns 0, or a negative errno.
   */
  prefetchTo?(
    mirror: DeviceMirror,
    task: TaskStruct,
    range: PageRange,
    region: PrefetchRegion,
  ): Verb;
  /**
   * Serves a fault that the device has raised ahead of any access. Whatever comes of it is no
   * error. A driver that takes no such faults one by one has no such method.
   */
  prefetchFault?(mirror: DeviceMirror, task: TaskStruct, page: number): Verb;
  /**
   * Brings the device's pages of a range back to system memory.
   * @returns 0, or a negative errno.
   */
  evict(mirror: DeviceMirror, task: TaskStruct, range: PageRange): Verb;
  /**
   * Sets attributes of a range. A driver without any has no such method.
   * @returns 0, or a negative errno.
   */
  advise?(mirror: DeviceMirror, task: TaskStruct, range: PageRange, advice: DeviceAdvice): Verb;
  /**
   * Pulls a range into this device's memory on behalf of another device. A driver that takes no
   * such requests has no such method.
   * @param from who asks.
   * @returns 0, or a negative errno.
   */
  pullFor?(from: DeviceStack, mirror: DeviceMirror, task: TaskStruct, range: PageRange): Verb;
  /** What the driver has counted so far, under its own names. */
  counters?(): ReadonlyMap<string, number>;
}
