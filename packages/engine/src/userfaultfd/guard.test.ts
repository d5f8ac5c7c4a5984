import {
  createOwnerSpace,
  DevPagemap,
  EINVAL,
  LEAF_DEVICE_PRIVATE,
  LEAF_MARKER,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_TABLE,
  LEAF_WRITE,
  leafKind,
  MEMORY_DEVICE_PRIVATE,
  type MmuNotifierRange,
  MmuIntervalNotifier,
  MmuNotifierSubscriptions,
  type TaskStruct,
  VM_HUGEPAGE,
  VM_LOCKED,
  VM_MAYBE_GUARD,
  type VmAreaStruct,
  World,
} from "@faultline/core";
import { describe, expect, it } from "vitest";
import { ACCESS_SEGV_MAPERR, cpuAccess } from "../fault/cpu-access.ts";
import { prepareLargeFolio } from "../folio/folio-alloc.ts";
import { folioAddNewAnonRmap } from "../rmap/add-remove.ts";
import { anonVmaPrepare } from "../rmap/anon-vma.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { madviseGuardInstall, madviseGuardRemove } from "./guard.ts";

const BASE = 0x100000;

interface Scene {
  readonly world: World;
  readonly task: TaskStruct;
  readonly vma: VmAreaStruct;
  readonly events: string[];
}

function mapped(nrPages: number, nrWritten: number): Scene {
  const world = new World();
  const task = world.createTask(0);
  const prot = PROT_READ | PROT_WRITE;
  runToCompletion(sysMmap(world, task, { start: BASE, nrPages, prot, shared: false }));
  for (let i = 0; i < nrWritten; i++) cpuAccess(world, task, BASE + i, true);
  const vma = task.mm.vmaAt(BASE);
  if (vma === null) throw new Error("nothing is mapped");
  const events: string[] = [];
  const subscriptions = new MmuNotifierSubscriptions();
  const note = (_: MmuIntervalNotifier, range: MmuNotifierRange): void => {
    events.push(`${range.event} ${range.start - BASE} ${range.end - BASE}`);
  };
  subscriptions.insert(new MmuIntervalNotifier(task.mm, 0, 2 ** 45, note));
  task.mm.notifierSubscriptions = subscriptions;
  return { world, task, vma, events };
}

function install({ world, task, vma }: Scene, start: number, nrPages: number): number {
  return runToCompletion(
    madviseGuardInstall(world, task, vma, BASE + start, BASE + start + nrPages),
  );
}

function remove({ world, task, vma }: Scene, start: number, nrPages: number): number {
  return runToCompletion(
    madviseGuardRemove(world, task, vma, BASE + start, BASE + start + nrPages),
  );
}

function kinds({ task }: Scene, ...pages: number[]): number[] {
  return pages.map((page) => leafKind(task.mm.pageTable.bits(BASE + page)));
}

describe("guard regions", () => {
  it("throw away what is mapped and make every access fault", () => {
    const scene = mapped(16, 8);
    expect(install(scene, 6, 4)).toBe(0);
    expect(scene.events).toEqual(["MMU_NOTIFY_CLEAR 6 10"]);
    expect(kinds(scene, 5, 6, 9, 10)).toEqual([LEAF_PRESENT, LEAF_MARKER, LEAF_MARKER, LEAF_NONE]);
    expect(cpuAccess(scene.world, scene.task, BASE + 6, false)).toBe(ACCESS_SEGV_MAPERR);
    expect(scene.vma.has(VM_MAYBE_GUARD)).toBe(true);
  });

  it("raise no event over memory that maps nothing", () => {
    const scene = mapped(16, 4);
    install(scene, 8, 4);
    install(scene, 10, 4);
    expect(scene.events).toEqual([]);
    expect(kinds(scene, 7, 8, 13, 14)).toEqual([LEAF_NONE, LEAF_MARKER, LEAF_MARKER, LEAF_NONE]);
  });

  it("split a huge leaf that they cover in part", () => {
    const scene = mapped(1024, 0);
    scene.vma.vmFlags |= VM_HUGEPAGE;
    cpuAccess(scene.world, scene.task, BASE, true);
    expect(install(scene, 100, 2)).toBe(0);
    expect(leafKind(scene.task.mm.pageTable.slotBits(BASE))).toBe(LEAF_TABLE);
    expect(kinds(scene, 99, 100, 102)).toEqual([LEAF_PRESENT, LEAF_MARKER, LEAF_PRESENT]);
  });

  it("go away without touching anything else", () => {
    const scene = mapped(16, 4);
    install(scene, 2, 4);
    expect(remove(scene, 0, 16)).toBe(0);
    expect(kinds(scene, 1, 2, 5)).toEqual([LEAF_PRESENT, LEAF_NONE, LEAF_NONE]);
  });

  it("split a device-private huge leaf even when they are only removed", () => {
    const scene = mapped(1024, 0);
    const { world, vma, task } = scene;
    const owner = createOwnerSpace("test");
    const ops = { migrateToRam: () => 0, folioFree: () => {} };
    const head = world.addDeviceChunks(new DevPagemap(MEMORY_DEVICE_PRIVATE, owner, 0, ops), 1);
    prepareLargeFolio(world, head, world.geometry.pmdOrder);
    anonVmaPrepare(world, vma);
    folioAddNewAnonRmap(world, head, vma, BASE);
    task.mm.pageTable.setSlot(BASE, LEAF_DEVICE_PRIVATE | LEAF_WRITE, head);
    expect(remove(scene, 100, 2)).toBe(0);
    expect(scene.events).toEqual(["MMU_NOTIFY_CLEAR 0 512"]);
    expect(kinds(scene, 0, 100, 511)).toEqual([
      LEAF_DEVICE_PRIVATE,
      LEAF_DEVICE_PRIVATE,
      LEAF_DEVICE_PRIVATE,
    ]);
  });

  it("cannot be installed in locked memory, but removed from it", () => {
    const scene = mapped(16, 0);
    install(scene, 0, 2);
    scene.vma.vmFlags |= VM_LOCKED;
    expect(install(scene, 4, 2)).toBe(-EINVAL);
    expect(remove(scene, 0, 2)).toBe(0);
    expect(kinds(scene, 0)).toEqual([LEAF_NONE]);
  });
});
