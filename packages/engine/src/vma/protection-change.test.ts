import {
  FRAME_ANON,
  LEAF_DEVICE_EXCLUSIVE,
  LEAF_DEVICE_PRIVATE,
  LEAF_EXCLUSIVE,
  LEAF_MARKER,
  LEAF_MIGRATION,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_PROTNONE,
  LEAF_SWAP,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  MARKER_GUARD,
  MARKER_UFFD_WP,
  VM_READ,
  VM_SHARED,
  VM_WRITE,
  VmAreaStruct,
  World,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { allocFolio } from "../folio/folio-alloc.ts";
import { createFile } from "../file/create-file.ts";
import { PROTECTION_OF_VMA, protectedBits, type ProtectionChange } from "./protection-change.ts";

const RW = VM_READ | VM_WRITE;
const SET: ProtectionChange = { uffdWp: "set", useMarkers: true };
const CLEAR: ProtectionChange = { uffdWp: "clear", useMarkers: false };

function setUp(flags: number): { world: World; vma: VmAreaStruct; pfn: number } {
  const world = new World();
  const vma = new VmAreaStruct(world.createMm(), 0, 10, flags, 0);
  const pfn = allocFolio(world, 0, 0);
  world.frames.addFlags(pfn, FRAME_ANON);
  return { world, vma, pfn };
}

describe("protectedBits", () => {
  test.each([
    ["a device page", LEAF_DEVICE_PRIVATE | LEAF_WRITE, LEAF_DEVICE_PRIVATE],
    ["a page in migration", LEAF_MIGRATION | LEAF_WRITE, LEAF_MIGRATION | LEAF_EXCLUSIVE],
    ["a read-only page in migration", LEAF_MIGRATION, LEAF_MIGRATION],
    ["a swapped page", LEAF_SWAP | LEAF_EXCLUSIVE, LEAF_SWAP | LEAF_EXCLUSIVE],
    ["an exclusive page", LEAF_DEVICE_EXCLUSIVE, LEAF_DEVICE_EXCLUSIVE],
    ["a shared page", LEAF_PRESENT | LEAF_WRITE, LEAF_PRESENT],
    ["a hinting page", LEAF_PRESENT | LEAF_PROTNONE, LEAF_PRESENT],
    ["nothing", LEAF_NONE, LEAF_NONE],
  ])("even a writable VMA leaves %s no write access", (_, bits, expected) => {
    const { world, vma, pfn } = setUp(RW);
    expect(protectedBits(world, vma, bits, pfn, PROTECTION_OF_VMA)).toBe(expected);
  });

  test("never makes a zero page writable", () => {
    const { world, vma } = setUp(RW);
    for (const pfn of [world.zeroPfn, world.hugeZeroPfn]) {
      expect(protectedBits(world, vma, LEAF_PRESENT, pfn, PROTECTION_OF_VMA)).toBe(LEAF_PRESENT);
    }
  });

  test("follows the rights of shared memory in both directions", () => {
    const { world, vma, pfn } = setUp(RW | VM_SHARED);
    world.frames.clearFlags(pfn, FRAME_ANON);
    vma.vmFile = createFile(world, "shmem", 10);
    const writable = LEAF_PRESENT | LEAF_WRITE;
    expect(protectedBits(world, vma, LEAF_PRESENT, pfn, PROTECTION_OF_VMA)).toBe(writable);
    vma.vmFlags &= ~VM_WRITE;
    expect(protectedBits(world, vma, writable, pfn, PROTECTION_OF_VMA)).toBe(LEAF_PRESENT);
  });

  test("write protection by a monitor sets and clears its bit and its markers", () => {
    const { world, vma, pfn } = setUp(RW);
    const writable = LEAF_PRESENT | LEAF_WRITE;
    const wp = LEAF_PRESENT | LEAF_UFFD_WP;
    expect(protectedBits(world, vma, writable, pfn, SET)).toBe(wp);
    expect(protectedBits(world, vma, wp, pfn, PROTECTION_OF_VMA)).toBe(wp);
    expect(protectedBits(world, vma, wp, pfn, CLEAR)).toBe(LEAF_PRESENT);
    expect(protectedBits(world, vma, LEAF_NONE, 0, SET)).toBe(LEAF_MARKER);
    expect(protectedBits(world, vma, LEAF_MARKER, MARKER_UFFD_WP, CLEAR)).toBe(LEAF_NONE);
    expect(protectedBits(world, vma, LEAF_MARKER, MARKER_GUARD, CLEAR)).toBe(LEAF_MARKER);
  });
});
