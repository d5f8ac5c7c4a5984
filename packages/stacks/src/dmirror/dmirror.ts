// One open file of the test driver: it mirrors the address space of whoever opened it.
// Mirrors struct dmirror and its notifier callback in lib/test_hmm.c.
import {
  type MmStruct,
  MmuIntervalNotifier,
  MMU_NOTIFY_MIGRATE,
  type MmuNotifierRange,
  MmuNotifierSubscriptions,
  mmuIntervalSetSeq,
  type World,
} from "@faultline/core";
import { HmmRange } from "@faultline/engine";
import type { DmirrorDevice } from "./dmirror-device.ts";
import { MirrorTable } from "./mirror-table.ts";

/** Bit of HMM_DMIRROR_FLAGS: the next allocation for this file's migrations fails, once. */
export const HMM_DMIRROR_FLAG_FAIL_ALLOC = 1;

/** The notifier covers every address. */
const END_OF_SPACE = 2 ** 45;

/** The state behind one descriptor of /dev/hmm_dmirrorN. */
export class Dmirror {
  readonly device: DmirrorDevice;
  /** Number of the file on its device; never 0 and never reused. */
  readonly id: number;
  readonly mm: MmStruct;
  readonly mirror: MirrorTable;
  readonly notifier: MmuIntervalNotifier;
  /** HMM_DMIRROR_FLAG_* bits. */
  flags = 0;
  /** Reused by every snapshot, which no other actor can interrupt. */
  readonly snapshotRange: HmmRange;

  constructor(world: World, device: DmirrorDevice, id: number, mm: MmStruct) {
    this.device = device;
    this.id = id;
    this.mm = mm;
    this.mirror = new MirrorTable(world);
    this.notifier = new MmuIntervalNotifier(mm, 0, END_OF_SPACE, (notifier, range, seq) =>
      this.invalidate(notifier, range, seq),
    );
    mm.notifierSubscriptions ??= new MmuNotifierSubscriptions();
    mm.notifierSubscriptions.insert(this.notifier);
    const devPrivateOwner = device.owner;
    const capacity = world.blockPages;
    this.snapshotRange = new HmmRange({ mm, start: 0, end: 0, devPrivateOwner, capacity });
  }

  /** Consumes an armed allocation failure. */
  takeAllocFailure(): boolean {
    if ((this.flags & HMM_DMIRROR_FLAG_FAIL_ALLOC) === 0) return false;
    this.flags &= ~HMM_DMIRROR_FLAG_FAIL_ALLOC;
    return true;
  }

  /**
   * Ignores migrations that its own device does. Everything else erases the mirror of the range
   * and, as the driver compares page indices inclusively, of the first page after it.
   * @kernel lib/test_hmm.c dmirror_interval_invalidate (v7.2)
   */
  private invalidate(notifier: MmuIntervalNotifier, range: MmuNotifierRange, seq: number): void {
    if (range.event === MMU_NOTIFY_MIGRATE && range.owner === this.device.owner) return;
    mmuIntervalSetSeq(notifier, seq);
    this.mirror.erase(range.start, range.end);
  }
}
