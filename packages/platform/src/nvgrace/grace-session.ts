// A Grace GPU driven by access commands, and what each answers, as plain data. The device itself is
// not there: config space that is not emulated reads as cc, writes to it are taken.
import {
  type CoreConfigSpace,
  nvgraceGpuReadConfigEmu,
  nvgraceGpuWriteConfigEmu,
} from "./config-emulation.ts";
import type { GraceCommand } from "./grace-command.ts";
import {
  type GraceDevice,
  nvgraceGpuMemregion,
  openGraceDevice,
  resetGraceDevice,
} from "./nvgrace-device.ts";
import { type MemRegion, nvgraceGpuInitNvdevStruct } from "./nvgrace-gpu-init-nvdev-struct.ts";
import { planRegionAccess } from "./region-access.ts";

/** The device between two commands; null before a successful `init`. */
export interface GraceSession {
  device: GraceDevice | null;
}

/** An answer: names and spelling are those of recordings, addresses 0x…, bytes in hexadecimal. */
export type GraceAnswer = Readonly<Record<string, unknown>>;

const CORE_BYTE = 0xcc;
const core: CoreConfigSpace = {
  read: (_offset, count) => new Uint8Array(count).fill(CORE_BYTE),
  write: (_offset, bytes) => bytes.length,
};

/** A session in which nothing has been opened. */
export function createGraceSession(): GraceSession {
  return { device: null };
}

/** Runs one command. Every command but `init` needs an `init` that succeeded before it. */
export function runGraceCommand(session: GraceSession, command: GraceCommand): GraceAnswer {
  if (command.op === "init") return init(session, command);
  const { device } = session;
  if (device === null) return { op: command.op, note: "no device: init has not succeeded" };
  switch (command.op) {
    case "rcfg": {
      const { op, offset, count } = command;
      const bytes = nvgraceGpuReadConfigEmu(device, core, offset, count);
      return { op, offset: hex(offset), count, ret: bytes.length, bytes: hexText(bytes) };
    }
    case "wcfg": {
      const { op, offset, bytes } = command;
      const { ret, toCore } = nvgraceGpuWriteConfigEmu(device, core, offset, bytes);
      const written = { op, offset: hex(offset), bytes: hexText(bytes), ret, to_core: toCore };
      return { ...written, ...registers(device) };
    }
    case "reset":
      resetGraceDevice(device, true);
      return { op: "reset", ret: 0, ...registers(device) };
    default:
      return accessRegion(device, command);
  }
}

function init(session: GraceSession, command: GraceCommand & { op: "init" }): GraceAnswer {
  const { op, hasMigHwBug, memPhys, memLength } = command;
  const split = nvgraceGpuInitNvdevStruct(command);
  session.device = split.usemem === null ? null : openGraceDevice(split);
  return {
    op,
    has_mig_hw_bug: hasMigHwBug,
    memphys: hex(memPhys),
    memlength: hex(memLength),
    ret: split.ret,
    usemem: split.usemem && memRegionJson(split.usemem),
    resmem: split.resmem && memRegionJson(split.resmem),
  };
}

function accessRegion(
  device: GraceDevice,
  { op, region, offset, count }: GraceCommand & { op: "rmem" | "wmem" },
): GraceAnswer {
  const memory = nvgraceGpuMemregion(device, region);
  if (memory === null) return { op, region, note: "not a fake region: vfio-pci-core" };
  const { ret, deviceBytes, beyondBytes } = planRegionAccess(memory, offset, count);
  return {
    op,
    region,
    offset: hex(offset),
    count,
    ret,
    device_bytes: deviceBytes,
    [op === "rmem" ? "ff_bytes" : "dropped_bytes"]: beyondBytes,
    pos_advance: Math.max(0, ret),
  };
}

function registers({ usemem, resmem }: GraceDevice): GraceAnswer {
  return { bar23: hex(resmem?.barValue ?? 0n), bar45: hex(usemem.barValue) };
}

/** A region as recordings have it. */
export function memRegionJson({ memPhys, memLength, barSize }: MemRegion): GraceAnswer {
  return { phys: hex(memPhys), length: hex(memLength), bar_size: hex(barSize) };
}

function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
