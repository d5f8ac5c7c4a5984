import { APERTURE_INTERCONNECT, APERTURE_SYSTEM } from "@faultline/core";
import { cpuAccess } from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { BASE } from "../test-kit/small-system.ts";
import { NVLINK, UvmGpus } from "../test-kit/uvm-gpus.ts";

const LAPSE_PS = 500_000_000;
const EAGAIN = -11;

/** The two GPUs write a page in turn, `times` times altogether. @returns what each got */
function pingPong(gpus: UvmGpus, times: number, pausePs = 0): number[] {
  return Array.from({ length: times }, (_, i) => {
    gpus.host.advance(pausePs);
    return gpus.access(i % 2, "write", i + 1, 1).rc;
  });
}

describe("a page that goes to and fro", () => {
  test("is throttled after three moves: one GPU goes on, the other waits for half a ms", () => {
    const gpus = new UvmGpus(NVLINK);
    expect(pingPong(gpus, 6)).toEqual([0, 0, 0, 0, EAGAIN, 0]);
    expect(gpus.stack(0).stats.throttled_faults).toBeGreaterThan(0);
    const heard = gpus.events.map(({ type }) => type);
    expect(heard).toContain("ThrashingDetected");
    expect(heard).toContain("ThrottlingStart");
    gpus.host.advance(LAPSE_PS);
    expect(gpus.access(0, "read", 0, 1)).toMatchObject({ rc: 0, values: [6] });
    expect(gpus.events.map(({ type }) => type)).toContain("ThrottlingEnd");
  });

  test("is left alone when moves are far apart", () => {
    const gpus = new UvmGpus(NVLINK);
    expect(pingPong(gpus, 20, 2 * LAPSE_PS)).toEqual(Array(20).fill(0));
  });

  test("is left alone when the detection is off", () => {
    const gpus = new UvmGpus(NVLINK, { uvm_perf_thrashing_enable: 0 });
    expect(pingPong(gpus, 20)).toEqual(Array(20).fill(0));
  });

  test("is forgotten after an epoch, and not looked at after too many resets", () => {
    const gpus = new UvmGpus(NVLINK, { uvm_perf_thrashing_max_resets: 1 });
    for (const _ of [1, 2]) {
      expect(pingPong(gpus, 6)).toContain(EAGAIN);
      gpus.host.advance(2001 * LAPSE_PS);
    }
    expect(pingPong(gpus, 20)).not.toContain(EAGAIN);
  });
});

describe("a page that was throttled ten times", () => {
  function pinned(): UvmGpus {
    const gpus = new UvmGpus(NVLINK, { uvm_perf_thrashing_pin_threshold: 1 });
    pingPong(gpus, 4);
    // The first wait counts, and once only; the next fault pins.
    expect(gpus.access(0, "write", 8, 1).rc).toBe(EAGAIN);
    expect(gpus.access(0, "write", 8, 1).rc).toBe(EAGAIN);
    gpus.host.advance(LAPSE_PS);
    expect(gpus.access(0, "write", 8, 1).rc).toBe(0);
    expect(gpus.access(1, "write", 9, 1).rc).toBe(0);
    return gpus;
  }

  test("is pinned for 150 ms, and the other GPU maps it from afar", () => {
    const gpus = pinned();
    expect(gpus.stack(0).stats.pinned_pages).toBe(1);
    const home = gpus.place(0);
    const other = home === "gpu0" ? 1 : 0;
    expect(gpus.aperture(other)).toBe(APERTURE_INTERCONNECT);
    for (let i = 0; i < 20; i++) {
      expect(gpus.access(i % 2, "write", 20 + i, 1).rc).toBe(0);
      expect(gpus.place(0)).toBe(home);
      gpus.host.advance(7 * LAPSE_PS);
    }
    gpus.host.advance(300 * LAPSE_PS);
    expect(gpus.access(other, "read", 0, 1).values).toEqual([39]);
  });

  test("moves to system memory when a CPU wants it, which GPUs map from afar", () => {
    const gpus = pinned();
    const { world, task } = gpus.small;
    gpus.host.advance(LAPSE_PS);
    expect(cpuAccess(world, task, BASE, false)).toBe(0);
    expect(gpus.place(0)).toBe("system");
    expect(gpus.access(0, "read", 0, 1)).toMatchObject({ rc: 0, values: [9] });
    expect([gpus.place(0), gpus.aperture(0)]).toEqual(["system", APERTURE_SYSTEM]);
  });
});
