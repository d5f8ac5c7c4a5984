import { EFFORT_PLACE_DEVICE } from "@faultline/core";
import { describe, expect, test } from "vitest";
import { ACCESS_WRITE, STAGE_COPY, waitActivity } from "../record/activities.ts";
import { TimedSystem, type TimedSystemSpec } from "../test-kit/timed-system.ts";
import { WAIT_LINK } from "../wait/wait-kinds.ts";

const [GPU0, GPU1, RAM] = [EFFORT_PLACE_DEVICE, EFFORT_PLACE_DEVICE + 1, 0];
/** A profile that prices copies to peers, at 50 GB/s. */
const AMD: TimedSystemSpec = { stacks: ["amdkfd", "amdkfd"], profile: "amd-mi250x-xnack-svm" };
const XE: TimedSystemSpec = { stacks: ["xe", "xe"], profile: "intel-xe-svm-thp" };
/** What this profile says of copies to a device, in 10^6 bytes a second. */
const XE_RATE = 19_784;

/** Each device fetches blocks of 2 MiB that a CPU has written. @returns totals of an activity */
function fetched(spec: TimedSystemSpec, nrDevices: number): (activity: number) => number {
  const system = new TimedSystem(spec);
  const nrPages = 2048;
  system.map(nrPages * nrDevices);
  system.cpuTouch(nrPages * nrDevices, ACCESS_WRITE);
  system.sim.run();
  for (let n = 0; n < nrDevices; n++) system.touch(n, nrPages, ACCESS_WRITE, 4, n * nrPages);
  system.sim.run();
  const { records } = system;
  return (activity) => {
    let totalPs = 0;
    for (let fault = 0; fault < records.nrFaults; fault++) {
      const { chunk, row } = records.locate(fault);
      if (chunk.device[row] === 0) totalPs += chunk.spentPs[activity]?.[row] ?? 0;
    }
    return totalPs;
  };
}

describe("copies from RAM", () => {
  const alone = fetched(XE, 1);

  test("cost what the profile says while nobody else copies", () => {
    const bytes = 4 * 2 ** 21;
    expect(alone(STAGE_COPY) / (bytes / (XE_RATE * 1e6)) / 1e12).toBeCloseTo(1, 4);
    expect(alone(waitActivity(WAIT_LINK))).toBe(0);
  });

  test("share the link above a switch: two at once wait as long as they copy", () => {
    const shared = fetched({ ...XE, switched: true }, 2);
    expect(shared(STAGE_COPY)).toBe(alone(STAGE_COPY));
    const waited = shared(waitActivity(WAIT_LINK));
    expect(waited / shared(STAGE_COPY)).toBeGreaterThan(0.95);
    expect(waited).toBeLessThanOrEqual(shared(STAGE_COPY));
  });

  test("share nothing on root ports of their own", () => {
    const apart = fetched(XE, 2);
    expect(apart(STAGE_COPY)).toBe(alone(STAGE_COPY));
    expect(apart(waitActivity(WAIT_LINK))).toBe(0);
  });
});

describe("the way of a copy", () => {
  function lanes(spec: TimedSystemSpec, from: number, to: number): string[] {
    const path = to === RAM ? "to_system" : from === RAM ? "to_device" : "to_peer";
    const route = new TimedSystem(spec).timed.copies?.of(path, from, to)?.route;
    return route?.segments.flatMap((segment) => segment.lanes.map(({ name }) => name)) ?? [];
  }

  test("from RAM leads down by the switch, and back up", () => {
    const spec = { ...XE, switched: true };
    expect(lanes(spec, RAM, GPU1)).toEqual(["switch there", "gpu1 there"]);
    expect(lanes(spec, GPU1, RAM)).toEqual(["gpu1 back", "switch back"]);
  });

  test("between peers stays below a switch that both share", () => {
    expect(lanes({ ...XE, switched: true }, GPU0, GPU1)).toEqual(["gpu0 back", "gpu1 there"]);
    expect(lanes({ ...AMD, switched: true }, GPU0, GPU1)).toEqual([
      "engine of gpu0",
      "gpu0 back",
      "gpu1 there",
    ]);
  });

  test("between linked peers is their link, in its direction, at the slower rate", () => {
    const spec = { ...AMD, linkedAt: 2e9 };
    expect(lanes(spec, GPU1, GPU0)).toEqual(["engine of gpu1", "gpu0-gpu1 back"]);
    const route = new TimedSystem(spec).timed.copies?.of("to_peer", GPU1, GPU0);
    expect(route?.alonePs(2 ** 21)).toBe(Math.ceil((2 ** 21 * 1e6) / 2000));
  });

  test("changes when a link goes down", () => {
    const system = new TimedSystem({ ...XE, linkedAt: 2e9 });
    const { copies } = system.timed;
    const before = copies?.of("to_peer", GPU0, GPU1);
    const { fabric } = system.machine;
    for (const link of fabric.links) fabric.setLinkUp(link, false);
    const after = copies?.of("to_peer", GPU0, GPU1);
    const names = [before, after].map((way) => way?.route.segments[0]?.lanes.map((l) => l.name));
    expect(names).toEqual([["gpu0-gpu1 there"], ["gpu0 back", "gpu1 there"]]);
  });

  test("is none for memories that copies reach without a price", () => {
    expect(lanes({ stacks: ["ideal"], profile: "host-cpu" }, RAM, GPU0)).toEqual([]);
  });
});
