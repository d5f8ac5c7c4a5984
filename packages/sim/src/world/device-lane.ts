// One outstanding fault of a device: a lane touches one page at a time and stands still while its
// fault is served. A device context has as many lanes as faults that it can have outstanding.
import { type MmStruct, STAGE_REPLAY, type TaskStruct } from "@faultline/core";
import {
  type DeviceAccessKind,
  deviceAllows,
  type DeviceMirror,
  deviceTouch,
} from "@faultline/stacks";
import type { Actor } from "../actor/actor.ts";
import type { Pause } from "../actor/pause.ts";
import { ACCESS_NAMES } from "../record/activities.ts";
import { StageClock } from "../record/stage-clock.ts";
import { IDLE } from "../wait/wait-kinds.ts";
import { WaitStats } from "../wait/wait-stats.ts";
import type { Waitable } from "../wait/waitable.ts";
import type { AccessStream } from "./access-stream.ts";
import type { Traffic } from "./traffic.ts";

/** A fault on its way, and who waits for it. */
export class DeviceLane implements Waitable {
  readonly id: number;
  name = "";
  readonly kind: number = IDLE;
  readonly isWork = true;
  readonly stats: WaitStats = new WaitStats();
  mirror: DeviceMirror;
  task: TaskStruct;
  readonly clock: StageClock = new StageClock();
  page = 0;
  /** ACCESS_*. */
  access = 0;
  nrLeft = 1;
  /** When the fault reached its queue, and when it was done with. */
  queuedPs = 0;
  servedPs = 0;
  /** What the driver returned. */
  rc = 0;
  /** How long the device waits after the replay until it tries again. */
  heldPs = 0;
  /** What an access stores, and what it has found; whether it has happened. */
  value = 0;
  found = 0;
  isDone = false;
  private readonly traffic: Traffic | null;
  private actor: Actor | null = null;

  /** @param traffic told of every access that is done. */
  constructor(id: number, mirror: DeviceMirror, task: TaskStruct, traffic: Traffic | null) {
    this.id = id;
    this.traffic = traffic;
    this.mirror = mirror;
    this.task = task;
  }

  get mm(): MmStruct {
    return this.mirror.mm;
  }

  get accessKind(): DeviceAccessKind {
    return ACCESS_NAMES[this.access] as DeviceAccessKind;
  }

  /** Goes to the access that a stream has announced. */
  take({ page, access, nrLeft, value }: AccessStream): void {
    this.page = page;
    this.access = access;
    this.nrLeft = nrLeft;
    this.value = value;
    this.isDone = false;
  }

  /** Waits until the fault is served and the device has tried again. */
  wait(self: Actor): Pause {
    this.actor = self;
    return self.park(this);
  }

  /** Does the access if the device's table lets it through now. */
  tryAccess(): boolean {
    const { mirror, page, accessKind } = this;
    if (!deviceAllows(mirror, page, accessKind)) return false;
    this.found = deviceTouch(mirror, page, accessKind, this.value);
    this.isDone = true;
    this.traffic?.touch(mirror, page);
    return true;
  }

  /**
   * The fault is served, so the access is done unless its translation is gone again. The device
   * knows after the time of a replay: otherwise two devices that want one page would take it from
   * each other for ever, before either has used it. A device that waits before it tries has no
   * such luck.
   */
  release(nowPs: number, replayPs: number): void {
    if (this.rc === 0 && this.heldPs === 0) this.tryAccess();
    this.clock.switchTo(STAGE_REPLAY, nowPs);
    const { actor } = this;
    this.actor = null;
    actor?.finishWork(nowPs + replayPs + this.heldPs, 0);
  }

  label(): string {
    return this.name;
  }

  holders(): readonly Actor[] {
    return [];
  }

  abandon(): void {
    this.actor = null;
  }
}
