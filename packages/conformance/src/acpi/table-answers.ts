// Our tables in the form in which recordings have them.
import {
  type AcpiTables,
  type Cedt,
  type DeviceHandle,
  formatDeviceHandle,
  type Hmat,
  type Srat,
  type SratEntry,
} from "@faultline/platform";
import type { JsonObject } from "../json-shape.ts";

const BYTES_PER_LINE = 16;

/** Bytes as lines of sixteen, by their offsets, so that a difference has a place. */
export function bytesAnswer(bytes: Uint8Array | undefined): JsonObject | null {
  if (bytes === undefined) return null;
  const lines: Record<string, unknown> = { length: bytes.length };
  for (let at = 0; at < bytes.length; at += BYTES_PER_LINE) {
    const line = bytes.subarray(at, at + BYTES_PER_LINE);
    lines[hex(at)] = Array.from(line, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  }
  return lines;
}

/** What a recording says was read from the tables, as we read it. */
export function tablesAnswer({ srat, slit, hmat, cedt }: AcpiTables, length: number): JsonObject {
  return {
    ...(srat === undefined ? {} : { srat: sratAnswer(srat, length) }),
    ...(slit === undefined ? {} : { slit: slit.distances }),
    ...(hmat === undefined ? {} : { hmat: hmatAnswer(hmat) }),
    ...(cedt === undefined ? {} : { cedt: cedtAnswer(cedt) }),
  };
}

function sratAnswer({ header, entries }: Srat, length: number): JsonObject {
  return { revision: header.revision, length, entries: entries.map(entryAnswer) };
}

function entryAnswer(entry: SratEntry): JsonObject {
  if (entry.kind === "other") return { kind: "other", type: entry.type };
  const { kind, proximityDomain: pxm } = entry;
  if (kind === "gic-its") return { kind: "its", pxm, its_id: entry.itsId };
  const { flags } = entry;
  switch (kind) {
    case "local-apic":
      return { kind: "cpu", pxm, apic_id: entry.apicId, flags };
    case "x2apic":
      return { kind: "x2apic", pxm, apic_id: entry.x2apicId, x2apic_id: entry.x2apicId, flags };
    case "gicc":
      return { kind: "gicc", pxm, uid: entry.processorUid, flags };
    case "rintc":
      return { kind: "rintc", pxm, uid: entry.processorUid, flags };
    case "memory":
      return { kind: "mem", pxm, base: hex(entry.base), length: hex(entry.length), flags };
    case "generic-initiator":
      return { kind: "gi", pxm, flags, ...handleAnswer(entry.handle) };
    case "generic-port":
      return { kind: "gp", pxm, flags, ...handleAnswer(entry.handle) };
  }
}

function handleAnswer(handle: DeviceHandle): JsonObject {
  if (handle.type === "other") return { handle_type: handle.code };
  if (handle.type === "acpi") return { handle_type: 0, hid: handle.hid, uid: handle.uid };
  const { segment, bus, device, function: fn } = handle;
  const bdf = formatDeviceHandle(handle).slice("0000:".length);
  return { handle_type: 1, segment, bus, devfn: device * 8 + fn, bdf };
}

function hmatAnswer({ header, structures }: Hmat): JsonObject {
  return {
    revision: header.revision,
    structures: structures.map((one): JsonObject => {
      switch (one.kind) {
        case "proximity":
          return { type: 0, flags: one.flags, initiator: one.initiator, memory: one.memory };
        case "matrix": {
          const { flags, dataType: data_type, initiators, targets, entries } = one;
          const base = Number(one.baseUnit);
          return { type: 1, flags, data_type, base, initiators, targets, entries };
        }
        case "cache": {
          const { memory, sizeBytes, attributes, smbiosHandles } = one;
          const rest = { attributes: hex(attributes), smbios: smbiosHandles.length };
          return { type: 2, memory, size: Number(sizeBytes), ...rest };
        }
        case "other":
          return { type: one.type };
      }
    }),
  };
}

function cedtAnswer({ structures }: Cedt): JsonObject[] {
  return structures.map((one): JsonObject => {
    if (one.kind === "other") return { type: one.type };
    if (one.kind === "bridge") {
      const { uid, cxlVersion: version, base, length } = one;
      return { type: "CHBS", uid, version, base: hex(base), length: hex(length) };
    }
    return {
      type: "CFMWS",
      base: hex(one.base),
      size: hex(one.sizeBytes),
      interleave_ways_code: one.encodedWays,
      arithmetic: one.arithmetic,
      granularity_code: one.encodedGranularity,
      restrictions: hex(one.restrictions),
      qtg_id: one.qtgId,
      targets: one.targets,
    };
  });
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
