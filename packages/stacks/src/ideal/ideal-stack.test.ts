import {
  APERTURE_INTERCONNECT,
  APERTURE_LOCAL,
  APERTURE_PCIE_P2P,
  APERTURE_SYSTEM,
  createOwnerSpace,
  EFFORT_PAGE_COPY,
  EFFORT_PLACE_DEVICE,
  EOPNOTSUPP,
  type OwnerSpace,
  type TaskStruct,
} from "@faultline/core";
import {
  assertWorldConsistent,
  cpuAccess,
  readPageContent,
  runToCompletion,
  sysFork,
} from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { deviceAccess } from "../device/device-access.ts";
import type { DeviceAccessKind, DeviceStack } from "../device/device-stack.ts";
import { StepHost } from "../device/stack-host.ts";
import { BASE, SmallSystem, type SmallSystemSpec } from "../test-kit/small-system.ts";
import { IdealStack } from "./ideal-stack.ts";

/** Two GPUs and a NIC; `owners` names each one's space. */
class Trio {
  readonly small: SmallSystem;
  readonly stacks: readonly IdealStack[];

  constructor(owners: readonly [string, string, string], spec: Partial<SmallSystemSpec> = {}) {
    const devices = [{ name: "gpu0" }, { name: "gpu1" }, { name: "nic", kind: "nic" as const }];
    this.small = new SmallSystem({ devices, ...spec });
    const spaces = new Map<string, OwnerSpace>();
    for (const name of owners) spaces.set(name, spaces.get(name) ?? createOwnerSpace(name));
    const host = new StepHost();
    this.stacks = owners.map((owner, i) => {
      const device = this.small.device(devices[i]?.name ?? "");
      return new IdealStack(this.small.system, host, device, spaces.get(owner) as OwnerSpace);
    });
    this.small.map(8);
    this.small.fill(8);
  }

  stack(n: number): IdealStack {
    return this.stacks[n] as IdealStack;
  }

  pull(n: number): number {
    const stack = this.stack(n);
    const { task } = this.small;
    const range = { start: BASE, nrPages: 8 };
    return runToCompletion(stack.prefetch(stack.open(task.mm), task, range));
  }

  access(n: number, access: DeviceAccessKind, value = 0) {
    const stack = this.stack(n);
    const { task } = this.small;
    const mirror = stack.open(task.mm);
    const request = { start: BASE, nrPages: 8, access, value };
    const outcome = runToCompletion(deviceAccess(stack, mirror, task, request));
    const leaf = mirror.lookup(BASE);
    const address = leaf === null ? null : mirror.addressOf(BASE, leaf);
    return { ...outcome, aperture: leaf?.aperture, address };
  }
}

const FILLED = [100, 101, 102, 103, 104, 105, 106, 107];

describe("where a page is used", () => {
  test("a page in system memory is mapped there", () => {
    const trio = new Trio(["a", "a", "nic"]);
    const read = trio.access(0, "read");
    expect(read).toMatchObject({ rc: 0, nrFaults: 8, values: FILLED, aperture: APERTURE_SYSTEM });
  });

  test("a page that was pulled is local, and a peer of the same space takes the link", () => {
    const trio = new Trio(["a", "a", "nic"], { links: [["gpu0", "gpu1"]] });
    expect(trio.pull(0)).toBe(0);
    expect(trio.access(0, "read")).toMatchObject({ values: FILLED, aperture: APERTURE_LOCAL });
    const peer = trio.access(1, "write", 7);
    expect(peer).toMatchObject({ rc: 0, aperture: APERTURE_INTERCONNECT });
    expect(peer.address?.space).toBe(trio.small.system.machine.fabric.space);
    expect(trio.access(0, "read").values).toEqual([7, 7, 7, 7, 7, 7, 7, 7]);
  });

  test("without a link a peer of the same space goes through the BAR, at its CPU address", () => {
    const trio = new Trio(["a", "a", "nic"]);
    trio.pull(0);
    const peer = trio.access(1, "read");
    expect(peer).toMatchObject({ values: FILLED, aperture: APERTURE_PCIE_P2P });
    expect(peer.address?.space).toBe(trio.small.system.machine.pci.physical);
  });

  test("a foreign page comes back to system memory while conversion is off", () => {
    const trio = new Trio(["a", "b", "nic"]);
    trio.pull(0);
    expect(trio.access(2, "read")).toMatchObject({ values: FILLED, aperture: APERTURE_SYSTEM });
    expect(trio.access(0, "read").aperture).toBe(APERTURE_SYSTEM);
  });
});

describe("the conversion to P2P pages", () => {
  const designs = { "hmm.p2pOp": "v2" } as const;

  test("below one switch a NIC uses the bus address, and nothing moves", () => {
    const trio = new Trio(["a", "b", "nic"], { designs, host: "none" });
    trio.pull(0);
    const read = trio.access(2, "read");
    expect(read).toMatchObject({ rc: 0, values: FILLED, aperture: APERTURE_PCIE_P2P });
    expect(read.address?.space.kind).toBe("bus");
    expect(trio.access(0, "read").aperture).toBe(APERTURE_LOCAL);
    expect(trio.access(2, "write", 9)).toMatchObject({ rc: 0, nrFaults: 0 });
    expect(trio.access(0, "read").values).toEqual(FILLED.map(() => 9));
  });

  test("an IOMMU that translates gives one IOVA a page, which goes away with the mapping", () => {
    const trio = new Trio(["a", "b", "nic"], { designs, iommu: "translate" });
    trio.pull(0);
    const read = trio.access(2, "read");
    expect(read.address?.space.kind).toBe("iova");
    const domain = trio.small.device("nic").initiators[0]?.dev.iommu;
    expect(domain?.nrEntries).toBe(8);
    trio.stack(2).close(trio.stack(2).open(trio.small.task.mm));
    expect(domain?.nrEntries).toBe(0);
  });

  test("a pair that PCI does not allow migrates after all", () => {
    const trio = new Trio(["a", "b", "nic"], { designs, acs: true, host: "none" });
    trio.pull(0);
    expect(trio.access(2, "read")).toMatchObject({ values: FILLED, aperture: APERTURE_SYSTEM });
  });

  test("pages outside a small BAR have no alias", () => {
    const devices = [
      { name: "gpu0", memoryMib: 64, windowMib: 32 },
      { name: "gpu1" },
      { name: "nic", kind: "nic" as const },
    ];
    const trio = new Trio(["a", "b", "nic"], { designs, devices });
    const { aliases, memory } = trio.stack(0).attached;
    const first = memory?.alloc(0) ?? 0;
    expect(aliases?.aliasOf(first)).toBeGreaterThan(0);
    const taken = Array.from({ length: 2 ** 13 }, () => memory?.alloc(0) ?? 0);
    expect(aliases?.aliasOf(taken.at(-1) ?? 0)).toBe(-12);
  });
});

describe("a device that is asked to pull a range", () => {
  /** What gpu1 answers when `from` asks, and how many pages were copied from where to where. */
  function ask(trio: Trio, from: Pick<DeviceStack, "name">) {
    const { task, world } = trio.small;
    const stack = trio.stack(1);
    const range = { start: BASE, nrPages: 8 };
    world.effort.clear();
    const rc = runToCompletion(
      stack.pullFor(from as DeviceStack, stack.open(task.mm), task, range),
    );
    const copies = new Map<string, number>();
    for (const { kind, count, from: source, to } of world.effort.items()) {
      const way = `${source}-${to}`;
      if (kind === EFFORT_PAGE_COPY) copies.set(way, (copies.get(way) ?? 0) + count);
    }
    return { rc, copies };
  }

  const [GPU0, GPU1] = [EFFORT_PLACE_DEVICE, EFFORT_PLACE_DEVICE + 1];

  test("takes pages of a peer of the own space directly", () => {
    const trio = new Trio(["a", "a", "nic"]);
    trio.pull(0);
    expect(ask(trio, trio.stack(0))).toEqual({ rc: 0, copies: new Map([[`${GPU0}-${GPU1}`, 8]]) });
    expect(trio.access(1, "read")).toMatchObject({ values: FILLED, aperture: APERTURE_LOCAL });
    expect(ask(trio, trio.stack(0)).copies.size).toBe(0);
  });

  test("takes pages of another owner by way of system memory", () => {
    const trio = new Trio(["a", "b", "nic"]);
    trio.pull(0);
    const copies = new Map([
      [`${GPU0}-0`, 8],
      [`0-${GPU1}`, 8],
    ]);
    expect(ask(trio, trio.stack(0))).toEqual({ rc: 0, copies });
    expect(trio.access(1, "read").aperture).toBe(APERTURE_LOCAL);
  });

  test("is not asked by a device of another driver, unless the design lets it", () => {
    const refused = new Trio(["a", "a", "nic"]);
    expect(ask(refused, { name: "xe" }).rc).toBe(-EOPNOTSUPP);
    const trio = new Trio(["a", "a", "nic"], { designs: { "migrate.crossDriver": "on" } });
    expect(ask(trio, { name: "xe" }).rc).toBe(0);
  });
});

test("a link that goes down takes its translations along; the next access finds a way", () => {
  const trio = new Trio(["a", "a", "nic"], { links: [["gpu0", "gpu1"]] });
  const { fabric } = trio.small.system.machine;
  trio.pull(0);
  trio.access(1, "read");
  const link = fabric.link("gpu0-gpu1");
  if (link === undefined) throw new Error("no link");
  fabric.setLinkUp(link, false);
  expect(trio.stack(1).open(trio.small.task.mm).revalidate()).toBe(8);
  expect(trio.access(1, "read")).toMatchObject({ nrFaults: 8, aperture: APERTURE_PCIE_P2P });
});

test("nothing is left over when all mirrors close", () => {
  const trio = new Trio(["a", "a", "nic"], { iommu: "translate" });
  trio.pull(0);
  for (const n of [0, 1, 2]) trio.access(n, "read");
  for (const n of [0, 1, 2]) trio.stack(n).close(trio.stack(n).open(trio.small.task.mm));
  expect(trio.stacks.map(({ attached }) => attached.mappings.size)).toEqual([0, 0, 0]);
  assertWorldConsistent(trio.small.world);
});

test("an own page that fork has made read-only is copied for a write", () => {
  const trio = new Trio(["a", "a", "a"]);
  trio.pull(0);
  const { world, task } = trio.small;
  const child = runToCompletion(sysFork(world, task)) as TaskStruct;
  expect(trio.access(0, "read").aperture).toBe(APERTURE_LOCAL);
  expect(trio.access(0, "write", 7)).toMatchObject({ rc: 0, aperture: APERTURE_SYSTEM });
  expect(cpuAccess(world, child, BASE, false)).toBe(0);
  expect(readPageContent(world, child.mm, BASE)).toBe(100);
});
