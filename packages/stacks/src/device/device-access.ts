// A program on a device touches pages: the device translates, faults where it cannot, and tries
// again. The same loop for every driver.
import { DEVICE_ATOMIC, DEVICE_READ, DEVICE_WRITE, EAGAIN, type TaskStruct } from "@faultline/core";
import type { DeviceSystem, Verb } from "@faultline/engine";
import type { DeviceMirror } from "./device-mirror.ts";
import type { DeviceAccessKind, DeviceStack, PageRange } from "./device-stack.ts";
import { NOTHING_ANSWERS, reachedFrame } from "./reached-frame.ts";

/** A device that faults this often on one page without getting through reports it. */
const PATIENCE = 64;

/** What a device is to do. */
export interface DeviceAccessRequest extends PageRange {
  readonly access: DeviceAccessKind;
  /** Content token to store in every page; reads ignore it. @defaultValue 0 */
  readonly value?: number;
}

/** What came of it. */
export interface DeviceAccessOutcome {
  /** 0, or the negative errno of the fault that was not served. */
  readonly rc: number;
  /** Pages accessed. */
  readonly nrDone: number;
  /** Faults that the driver served. */
  readonly nrFaults: number;
  /** For a read: the content token of each page. */
  readonly values: readonly number[];
}

/** Accesses pages in ascending order; ends at the first that cannot be had. */
export function* deviceAccess(
  stack: DeviceStack,
  mirror: DeviceMirror,
  task: TaskStruct,
  request: DeviceAccessRequest,
): Verb<DeviceAccessOutcome> {
  const { start, nrPages, access } = request;
  const values: number[] = [];
  let nrFaults = 0;
  for (let i = 0; i < nrPages; i++) {
    let attempts = 0;
    while (!deviceAllows(mirror, start + i, access)) {
      if (++attempts > PATIENCE) return { rc: -EAGAIN, nrDone: i, nrFaults, values };
      nrFaults++;
      const rc = yield* stack.fault(mirror, task, start + i, access, nrPages - i);
      if (rc !== 0) return { rc, nrDone: i, nrFaults, values };
    }
    const found = deviceTouch(mirror, start + i, access, request.value ?? 0);
    if (access === "read") values.push(found);
  }
  return { rc: 0, nrDone: nrPages, nrFaults, values };
}

/** Whether the device is at work, and its own table lets the access through. */
export function deviceAllows(
  mirror: DeviceMirror,
  page: number,
  access: DeviceAccessKind,
): boolean {
  const needed = NEEDED_RIGHTS[access];
  return !mirror.isStopped && (mirror.table.rights(page) & needed) === needed;
}

const NEEDED_RIGHTS: Readonly<Record<DeviceAccessKind, number>> = {
  read: DEVICE_READ,
  write: DEVICE_READ | DEVICE_WRITE,
  atomic: DEVICE_READ | DEVICE_WRITE | DEVICE_ATOMIC,
};

/**
 * Does an access that is allowed.
 * @param value what a write or an atomic stores; a read ignores it.
 * @returns the content token of the page afterwards.
 */
export function deviceTouch(
  { system, table }: DeviceMirror,
  page: number,
  access: DeviceAccessKind,
  value: number,
): number {
  const leaf = table.lookup(page);
  return accessFrame(system, leaf === null ? null : reachedFrame(system, leaf), access, value);
}

/**
 * Reads or writes a frame; without one a write is lost.
 * @returns its content token afterwards; all ones where nothing answers.
 */
export function accessFrame(
  { world }: DeviceSystem,
  frame: number | null,
  access: DeviceAccessKind,
  value: number,
): number {
  if (frame === null) return NOTHING_ANSWERS;
  if (access !== "read") world.frames.setContent(frame, value);
  return world.frames.content(frame);
}
