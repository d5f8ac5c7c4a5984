import {
  createOwnerSpace,
  type Designs,
  DevPagemap,
  DmaDevice,
  ENOMEM,
  LEAF_DEVICE_PRIVATE,
  LEAF_WRITE,
  MEMORY_DEVICE_PRIVATE,
  type OwnerSpace,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { BASE, SmallWorld } from "../test-kit/small-world.ts";
import {
  HMM_PFN_ALLOW_P2P,
  HMM_PFN_REQ_FAULT,
  HMM_PFN_REQ_WRITE,
  HMM_PFN_VALID,
  HMM_PFN_WRITE,
} from "./hmm-pfn.ts";
import { HmmRange, type HmmRangeSpec } from "./hmm-range.ts";
import { hmmRangeFault } from "./hmm-range-fault.ts";

const ALIAS_DISTANCE = 100_000;
const B = 512;

/** A world whose first page is private memory of a device that answers for P2P pages. */
class Scene {
  readonly small: SmallWorld;
  readonly owner: OwnerSpace = createOwnerSpace("gpu");
  readonly pgmap: DevPagemap;
  readonly first: number;
  /** CPU faults that the driver was asked to serve. */
  nrFaults = 0;
  readonly requesters: (DmaDevice | null)[] = [];
  /** What the op answers; by default the alias. */
  op: (pfn: number) => number = (pfn) => pfn + ALIAS_DISTANCE;

  constructor(designs: Partial<Designs>) {
    this.small = new SmallWorld({ designs });
    this.pgmap = new DevPagemap(MEMORY_DEVICE_PRIVATE, this.owner, 0, {
      migrateToRam: () => {
        this.nrFaults++;
        this.small.task.mm.pageTable.set(BASE, 0, 0);
        return 0;
      },
      folioFree: () => undefined,
      getDmaPfnForDevice: (pfn, requester) => {
        this.requesters.push(requester);
        return this.op(pfn);
      },
    });
    this.first = this.small.world.addDeviceChunks(this.pgmap, 1);
    this.small.map(B);
  }

  /** Page 0 becomes a private page, read-only or writable; `block` makes the block one leaf. */
  place(isWritable: boolean, block = false): void {
    const { pageTable } = this.small.task.mm;
    const bits = LEAF_DEVICE_PRIVATE | (isWritable ? LEAF_WRITE : 0);
    if (block) pageTable.setSlot(BASE, bits, this.first + B);
    else pageTable.set(BASE, bits, this.first + 7);
  }

  ask(spec: Partial<HmmRangeSpec>, nrPages = 1): HmmRange {
    const { mm } = this.small.task;
    const range = new HmmRange({ mm, start: BASE, end: BASE + nrPages, ...spec });
    expect(hmmRangeFault(this.small.world, this.small.task, range)).toBe(0);
    return range;
  }
}

const READ = HMM_PFN_REQ_FAULT;
const WRITE: number = HMM_PFN_REQ_FAULT | HMM_PFN_REQ_WRITE;
const P2P = HMM_PFN_ALLOW_P2P;
const VALID = HMM_PFN_VALID;
const VALID_WRITE: number = (HMM_PFN_VALID | HMM_PFN_WRITE) >>> 0;

describe("hmm.p2pOp", () => {
  test("off: the flag means nothing, and the page is faulted as any foreign one", () => {
    const scene = new Scene({});
    scene.place(true);
    expect(scene.ask({ defaultFlags: READ | P2P }).pfns[0]).not.toBe(scene.first + 7);
    expect([scene.nrFaults, scene.requesters.length]).toEqual([1, 0]);
  });

  test("v2: the alias is valid, and writable where the entry is", () => {
    const scene = new Scene({ "hmm.p2pOp": "v2" });
    for (const [isWritable, flags] of [
      [true, VALID_WRITE],
      [false, VALID],
    ] as const) {
      scene.place(isWritable);
      const range = scene.ask({ defaultFlags: READ | P2P });
      expect([range.flags[0], range.pfns[0]]).toEqual([flags, scene.first + 7 + ALIAS_DISTANCE]);
    }
    expect(scene.nrFaults).toBe(0);
  });

  test("v2: without the flag nobody asks the op", () => {
    const scene = new Scene({ "hmm.p2pOp": "v2" });
    scene.place(true);
    scene.ask({ defaultFlags: READ });
    expect([scene.nrFaults, scene.requesters.length]).toEqual([1, 0]);
  });

  test("the flag counts for a page alone, where the range's mask lets it", () => {
    const scene = new Scene({ "hmm.p2pOp": "v2" });
    scene.place(true);
    const { mm } = scene.small.task;
    for (const [pfnFlagsMask, isAlias] of [
      [P2P, true],
      [0, false],
    ] as const) {
      const range = new HmmRange({ mm, start: BASE, end: BASE + 1, pfnFlagsMask });
      range.flags[0] = P2P;
      expect(hmmRangeFault(scene.small.world, scene.small.task, range)).toBe(0);
      expect(range.pfns[0] === scene.first + 7 + ALIAS_DISTANCE).toBe(isAlias);
    }
  });

  test("the owner comes before the op in every mode", () => {
    for (const mode of ["off", "v2", "targetAware"] as const) {
      const scene = new Scene({ "hmm.p2pOp": mode });
      scene.place(false);
      const range = scene.ask({ defaultFlags: WRITE | P2P, devPrivateOwner: scene.owner });
      expect([range.flags[0], range.pfns[0]]).toEqual([VALID, scene.first + 7]);
      expect([scene.nrFaults, scene.requesters.length]).toEqual([0, 0]);
    }
  });

  test("a page that the op refuses is faulted", () => {
    const scene = new Scene({ "hmm.p2pOp": "v2" });
    scene.op = () => -ENOMEM;
    scene.place(true);
    scene.ask({ defaultFlags: READ | P2P });
    expect([scene.nrFaults, scene.requesters]).toEqual([1, [null]]);
  });

  test("targetAware: the op hears who asks", () => {
    const scene = new Scene({ "hmm.p2pOp": "targetAware" });
    const requester = new DmaDevice("nic");
    scene.place(true);
    scene.ask({ defaultFlags: READ | P2P, requester });
    expect(scene.requesters).toEqual([requester]);
  });
});

describe("hmm.p2pOp.scope", () => {
  test("pte: a block is not converted, and an error for who only looks", () => {
    const scene = new Scene({ "hmm.p2pOp": "v2" });
    scene.place(true, true);
    const range = scene.ask({ defaultFlags: P2P }, 4);
    expect([...range.pfns]).toEqual([0, 0, 0, 0]);
    expect(scene.requesters).toEqual([]);
  });

  test("pmd: a block is answered by consecutive aliases", () => {
    const scene = new Scene({ "hmm.p2pOp": "v2", "hmm.p2pOp.scope": "pmd" });
    scene.place(true, true);
    const alias = scene.first + B + ALIAS_DISTANCE;
    expect([...scene.ask({ defaultFlags: P2P }, 3).pfns]).toEqual([alias, alias + 1, alias + 2]);
  });
});

describe("what makes a page the caller's own", () => {
  const other = createOwnerSpace("other");

  test("p2pAllow: a callback accepts foreign pages only where the design has it", () => {
    for (const [mode, nrFaults] of [
      ["off", 1],
      ["on", 0],
    ] as const) {
      const scene = new Scene({ "hmm.p2pAllow": mode });
      scene.place(true);
      const p2pAllow = (pgmap: DevPagemap): boolean => pgmap === scene.pgmap;
      const range = scene.ask({ defaultFlags: READ, devPrivateOwner: other, p2pAllow });
      expect(scene.nrFaults).toBe(nrFaults);
      expect(range.pfns[0] === scene.first + 7).toBe(nrFaults === 0);
    }
  });

  test("matchOn: the owner, the address space, or both", () => {
    const space = createOwnerSpace("hive");
    const seen = (["owner", "space", "both"] as const).map((mode) => {
      const scene = new Scene({ "owner.matchOn": mode });
      scene.pgmap.space = space;
      scene.place(true);
      const own = { devPrivateOwner: scene.owner };
      const asked = [
        own,
        { devPrivateOwner: other, devPrivateSpace: space },
        { ...own, devPrivateSpace: space },
      ];
      return asked.map((spec) => scene.ask(spec).pfns[0] === scene.first + 7);
    });
    expect(seen).toEqual([
      [true, false, true],
      [false, true, true],
      [false, false, true],
    ]);
  });

  test("dynamic: an own page behind a dead link is foreign", () => {
    for (const [mode, isOwn] of [
      ["off", true],
      ["on", false],
    ] as const) {
      const scene = new Scene({ "owner.dynamic": mode });
      scene.place(true);
      const spec = { devPrivateOwner: scene.owner, isReachable: () => false };
      expect(scene.ask(spec).pfns[0] === scene.first + 7).toBe(isOwn);
    }
  });
});
