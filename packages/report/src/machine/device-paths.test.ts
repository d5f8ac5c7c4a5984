import type { Machine } from "@faultline/core";
import { describe, expect, test } from "vitest";
import { smallMachine } from "../test-kit/small-machine.ts";
import { devicePaths } from "./device-paths.ts";

function path(machine: Machine, provider: string, client: string) {
  const found = devicePaths(machine).find(
    (one) => one.provider === provider && one.client === client,
  );
  if (found === undefined) throw new Error(`no path from ${client} to ${provider}`);
  return found;
}

describe("the best way", () => {
  test("to own memory is local", () => {
    const machine = smallMachine({ devices: ["a"] });
    expect(path(machine, "a", "a")).toMatchObject({ kind: "local", distance: 0 });
  });

  test("is a private link before anything on PCI", () => {
    const machine = smallMachine({ devices: ["a", "b", "c"], links: ["a-b 50"] });
    expect(path(machine, "a", "b")).toMatchObject({
      kind: "interconnect",
      distance: 1,
      bandwidthBytesPerSec: 50e9,
      latencyPs: 500_000,
      links: ["a-b"],
      linkKind: "nvlink",
      initiator: null,
      reason: "nvlink, width 2",
    });
    expect(path(machine, "a", "c")).toMatchObject({
      kind: "host-bridge",
      distance: 4,
      bandwidthBytesPerSec: null,
      initiator: "c",
    });
  });

  test("through several switches has what all of them carry together", () => {
    const machine = smallMachine({
      devices: ["a", "b"],
      switches: ["s", "t"],
      links: ["a-s 100", "b-s 100", "a-t 125", "b-t 125"],
    });
    expect(path(machine, "a", "b")).toMatchObject({
      bandwidthBytesPerSec: 225e9,
      latencyPs: 1_000_000,
      distance: 2,
      links: ["b-t", "a-t"],
      reason: "nvlink through 2 switches, width 4 together",
    });
  });

  test("ends with a link that is down", () => {
    const machine = smallMachine({ devices: ["a", "b"], links: ["a-b 50"] });
    const link = machine.fabric.link("a-b");
    if (link === undefined) throw new Error("no link");
    machine.fabric.setLinkUp(link, false);
    expect(path(machine, "a", "b").kind).toBe("host-bridge");
  });

  test("does not exist where the host bridge does not pass, and the reason says so", () => {
    const machine = smallMachine({ host: "none", devices: ["a", "b"] });
    expect(path(machine, "a", "b")).toMatchObject({ kind: "none", distance: -1 });
    expect(path(machine, "a", "b").reason).toContain("no bridge in common");
  });

  test("says how much a small BAR shows", () => {
    const whole = smallMachine({ devices: ["a", "b"] });
    expect(path(whole, "a", "b").reason).not.toContain("BAR");
    const window = whole.devices[0]?.memory?.window ?? null;
    const memory = { sizeBytes: 64n << 30n, window, isCpuCoherent: false };
    const small = smallMachine({ devices: ["a", "b"], changes: { a: { memory } } });
    expect(path(small, "a", "b").reason).toMatch(/; the BAR shows 16384 MiB of 65536 MiB$/);
  });

  test("does not exist to memory that no BAR shows, nor from a device beside PCI", () => {
    const memory = { sizeBytes: 1n << 30n, window: null, isCpuCoherent: false };
    const machine = smallMachine({
      devices: ["a", "b", "c"],
      changes: { a: { memory }, c: { initiators: [] } },
    });
    expect(path(machine, "a", "b").reason).toBe("no link, and no BAR shows the memory");
    expect(path(machine, "b", "c").reason).toBe("no link, and the client is not on PCI");
  });

  test("to memory that CPUs have as their own is that of system memory", () => {
    const memory = { sizeBytes: 1n << 30n, window: null, isCpuCoherent: true };
    const machine = smallMachine({ devices: ["a", "b"], changes: { a: { memory } } });
    expect(path(machine, "a", "b")).toMatchObject({ kind: "system", initiator: "b" });
  });

  test("is what the engine gives a driver without limits, and asking changes nothing", () => {
    const machine = smallMachine({ devices: ["a", "b", "nic"], links: ["a-b 50"] });
    const before = machine.devices.map(({ memory }) => memory?.window?.fn.p2pdma);
    expect(devicePaths(machine)).toEqual(devicePaths(machine));
    expect(machine.devices.map(({ memory }) => memory?.window?.fn.p2pdma)).toEqual(before);
  });
});

test("a NIC asks for memory and provides none", () => {
  const paths = devicePaths(smallMachine({ devices: ["a", "nic"] }));
  expect(paths.map(({ provider, client }) => `${client} to ${provider}`)).toEqual([
    "a to a",
    "nic to a",
  ]);
});
