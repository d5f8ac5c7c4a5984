import { type Designs, EFAULT, EXDEV } from "@faultline/core";
import { runToCompletion } from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { bindDrivers } from "../bind-drivers.ts";
import { BASE, SmallSystem, type SmallSystemSpec } from "../test-kit/small-system.ts";
import { accessBorrowedAddress } from "./borrowed-address.ts";
import { deviceAccess } from "./device-access.ts";
import type { DeviceStack } from "./device-stack.ts";
import { StepHost } from "./stack-host.ts";

const N = 4;

/** A GPU whose memory holds four pages, another GPU, and a NIC, all below one switch. */
class Trio {
  readonly small: SmallSystem;
  private readonly stacks: readonly DeviceStack[];

  constructor(designs: Partial<Designs>, spec: Partial<SmallSystemSpec> = {}) {
    const devices = [{ name: "gpu" }, { name: "peer" }, { name: "nic", kind: "nic" as const }];
    const all = { "owner.formation": "perDevice", ...designs } as const;
    this.small = new SmallSystem({ devices, host: "none", designs: all, ...spec });
    const { system, task } = this.small;
    this.stacks = bindDrivers(
      system,
      new StepHost(),
      devices.map(({ name }) => ({ device: this.small.device(name), stack: "ideal", knobs: {} })),
    );
    this.small.map(N);
    this.small.fill(N);
    const gpu = this.of("gpu");
    const range = { start: BASE, nrPages: N };
    expect(runToCompletion(gpu.prefetch(gpu.open(task.mm), task, range))).toBe(0);
  }

  of(name: string): DeviceStack {
    const found = this.stacks.find(({ attached }) => attached.device.name === name);
    if (found === undefined) throw new Error(`no device ${name}`);
    return found;
  }

  /** The device reads the pages by itself. */
  read(name: string): readonly number[] {
    const { task } = this.small;
    const request = { start: BASE, nrPages: N, access: "read" as const };
    const stack = this.of(name);
    return runToCompletion(deviceAccess(stack, stack.open(task.mm), task, request)).values;
  }

  /** `name` reads the pages at the addresses that `lender` has for them. */
  borrow(name: string, lender: string): { readonly rc: number; readonly values: unknown } {
    const mirror = this.of(lender).open(this.small.task.mm);
    const request = { start: BASE, nrPages: N, access: "read" as const };
    const { rc, values } = accessBorrowedAddress(this.of(name), mirror, request);
    return { rc, values };
  }
}

const FILLED = Array.from({ length: N }, (_, i) => 100 + i);
const ALL_ONES = Array.from({ length: N }, () => 0xffffffff);
const V2: Partial<Designs> = { "hmm.p2pOp": "v2" };
const LOOSE: Partial<Designs> = { "addr.strictSpaces": "off" };

describe("an address of another device", () => {
  test("in that device's own memory is no address for anybody else", () => {
    const trio = new Trio({});
    expect(trio.read("gpu")).toEqual(FILLED);
    expect(trio.borrow("nic", "gpu")).toEqual({ rc: -EXDEV, values: [] });
    expect(trio.borrow("gpu", "gpu")).toEqual({ rc: 0, values: FILLED });
  });

  test("that the other device does not have cannot be lent", () => {
    expect(new Trio({}).borrow("nic", "gpu")).toEqual({ rc: -EFAULT, values: [] });
  });

  test("on the bus is good for every device of that bus, with strict spaces and without", () => {
    for (const spaces of [{}, LOOSE]) {
      const trio = new Trio({ ...V2, ...spaces });
      expect(trio.read("nic")).toEqual(FILLED);
      expect(trio.borrow("peer", "nic")).toEqual({ rc: 0, values: FILLED });
    }
  });

  test("on a fabric is good for who is on the fabric", () => {
    const links = [["gpu", "peer"]] as const;
    const trio = new Trio({ "owner.matchOn": "space" }, { links });
    expect(trio.read("peer")).toEqual(FILLED);
    expect(trio.borrow("gpu", "peer")).toEqual({ rc: 0, values: FILLED });
    expect(trio.borrow("nic", "peer")).toEqual({ rc: -EXDEV, values: [] });
  });
});

describe("a number without a space", () => {
  test("from a GPU's own memory leads to other memory, or to nothing", () => {
    const trio = new Trio(LOOSE);
    trio.read("gpu");
    const { rc, values } = trio.borrow("nic", "gpu");
    expect(rc).toBe(0);
    expect(values).not.toEqual(FILLED);
  });

  test("from another IOMMU domain is refused by the IOMMU; from one's own it is good", () => {
    const trio = new Trio({ ...LOOSE, "owner.formation": "perDevice" }, { iommu: "translate" });
    expect(trio.read("nic")).toEqual(FILLED);
    expect(trio.borrow("nic", "nic")).toEqual({ rc: 0, values: FILLED });
    expect(trio.borrow("peer", "nic")).toEqual({ rc: -EFAULT, values: [] });
  });

  test("of a BAR is physical too where the root complex passes it, and dead where not", () => {
    for (const [host, values] of [
      ["zen", FILLED],
      ["none", ALL_ONES],
    ] as const) {
      const trio = new Trio({ ...V2, ...LOOSE }, { host: "zen", acs: true });
      expect(trio.read("nic")).toEqual(FILLED);
      const other = new Trio({ ...V2, ...LOOSE }, { host, acs: true });
      other.read("gpu");
      const borrowed = accessBorrowedAddress(
        other.of("peer"),
        trio.of("nic").open(trio.small.task.mm),
        { start: BASE, nrPages: N, access: "read" },
      );
      expect(borrowed.values).toEqual(values);
    }
  });
});
