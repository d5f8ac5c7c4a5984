import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAcpiTable, type AcpiTables, writeAcpiTables } from "./acpi-tables.ts";
import type { DeviceHandle } from "./device-handle.ts";
import { formatDeviceHandle } from "./device-handle.ts";
import { packCacheAttributes, unpackCacheAttributes, writeHmat } from "./hmat.ts";
import { type Srat, type SratEntry, sratOffsets, writeSrat } from "./srat.ts";
import { writeSlit } from "./slit.ts";
import type { TableHeader } from "./table-header.ts";

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const letters = (length: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom("A", "B", "Z", "0", "9", " "),
    minLength: length,
    maxLength: length,
  });

const header: fc.Arbitrary<TableHeader> = fc.record({
  revision: u8,
  oemId: letters(6),
  oemTableId: letters(8),
  oemRevision: u32,
  creatorId: letters(4),
  creatorRevision: u32,
});
const handle: fc.Arbitrary<DeviceHandle> = fc.oneof(
  fc.record({
    type: fc.constant("pci" as const),
    segment: u16,
    bus: u8,
    device: fc.integer({ min: 0, max: 31 }),
    function: fc.integer({ min: 0, max: 7 }),
  }),
  fc.record({ type: fc.constant("acpi" as const), hid: letters(8), uid: u32 }),
);
const domain = { proximityDomain: u32, flags: u32 };
const kindOf = <K extends string>(kind: K): fc.Arbitrary<K> => fc.constant(kind);
const entry: fc.Arbitrary<SratEntry> = fc.oneof(
  fc.record({
    kind: kindOf("local-apic"),
    ...domain,
    apicId: u8,
    sapicEid: u8,
    clockDomain: u32,
  }),
  fc.record({ kind: kindOf("memory"), ...domain, base: u64, length: u64 }),
  fc.record({ kind: kindOf("x2apic"), ...domain, x2apicId: u32, clockDomain: u32 }),
  fc.record({ kind: kindOf("gicc"), ...domain, processorUid: u32, clockDomain: u32 }),
  fc.record({ kind: kindOf("rintc"), ...domain, processorUid: u32, clockDomain: u32 }),
  fc.record({ kind: kindOf("gic-its"), proximityDomain: u32, itsId: u32 }),
  fc.record({ kind: kindOf("generic-initiator"), ...domain, handle }),
  fc.record({ kind: kindOf("generic-port"), ...domain, handle }),
  fc
    .array(u8, { maxLength: 20 })
    .map((rest) => ({ kind: "other" as const, type: 99, bytes: [99, rest.length + 2, ...rest] })),
);
const size = fc.integer({ min: 0, max: 4 });
const matrix = fc.tuple(size, size).chain(([rows, columns]) =>
  fc.record({
    kind: kindOf("matrix"),
    flags: u8,
    dataType: u8,
    minTransferBytes: u8,
    baseUnit: u64,
    initiators: fc.array(u32, { minLength: rows, maxLength: rows }),
    targets: fc.array(u32, { minLength: columns, maxLength: columns }),
    entries: fc.array(fc.array(u16, { minLength: columns, maxLength: columns }), {
      minLength: rows,
      maxLength: rows,
    }),
  }),
);
const hmatStructure = fc.oneof(
  fc.record({
    kind: kindOf("proximity"),
    flags: u16,
    initiator: u32,
    memory: u32,
    rangeBase: u64,
    rangeLength: u64,
  }),
  matrix,
  fc.record({
    kind: kindOf("cache"),
    memory: u32,
    addressMode: u32,
    sizeBytes: u64,
    attributes: u32,
    smbiosHandles: fc.array(u16, { maxLength: 3 }),
  }),
);
const cedtStructure = fc.oneof(
  fc.record({ kind: kindOf("bridge"), uid: u32, cxlVersion: u32, base: u64, length: u64 }),
  fc.record({
    kind: kindOf("window"),
    base: u64,
    sizeBytes: u64,
    encodedWays: u8,
    arithmetic: u8,
    encodedGranularity: u32,
    restrictions: u16,
    qtgId: u16,
    targets: fc.array(u32, { maxLength: 4 }),
  }),
);
const tables: fc.Arbitrary<AcpiTables> = fc.record({
  srat: fc.record({ header, entries: fc.array(entry, { maxLength: 12 }) }),
  hmat: fc.record({ header, structures: fc.array(hmatStructure, { maxLength: 6 }) }),
  cedt: fc.record({ header, structures: fc.array(cedtStructure, { maxLength: 6 }) }),
  slit: size.chain((side) => {
    const row = fc.array(u8, { minLength: side, maxLength: side });
    const distances = fc.array(row, { minLength: side, maxLength: side });
    return fc.record({ header, distances });
  }),
});

const plainHeader: TableHeader = {
  revision: 1,
  oemId: "FAULT ",
  oemTableId: "LINE    ",
  oemRevision: 7,
  creatorId: "TEST",
  creatorRevision: 1,
};

describe("tables", () => {
  test("come back from their bytes as they were, and the bytes from the tables", () => {
    fc.assert(
      fc.property(tables, (all) => {
        for (const [name, bytes] of writeAcpiTables(all)) {
          const read = readAcpiTable(bytes, name);
          // Kinds that are not known are kept, with a word about it.
          expect(read.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
          expect(read.tables).toEqual({ [name]: all[name] });
          expect(writeAcpiTables(read.tables).get(name)).toEqual(bytes);
        }
      }),
    );
  });

  test("never read beyond their bytes, whatever these are", () => {
    fc.assert(
      fc.property(tables, u8, fc.nat(), fc.nat(), (all, value, place, length) => {
        for (const [name, bytes] of writeAcpiTables(all)) {
          const changed = Uint8Array.from(bytes);
          changed[place % bytes.length] = value;
          const cut = changed.slice(0, length % (bytes.length + 1));
          for (const { start, end } of [
            ...readAcpiTable(changed, name).diagnostics,
            ...readAcpiTable(cut, name).diagnostics,
          ]) {
            expect(start).toBeLessThanOrEqual(bytes.length);
            expect(end).toBeGreaterThan(start);
          }
        }
      }),
    );
  });
});

describe("bytes of a table", () => {
  const initiator: SratEntry = {
    kind: "generic-initiator",
    proximityDomain: 0x0403_0201,
    handle: { type: "pci", segment: 0x0605, bus: 0x07, device: 4, function: 1 },
    flags: 1,
  };
  const hexOf = (bytes: Uint8Array): string =>
    Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

  test("have a header of 36 bytes, and add up to 0", () => {
    const bytes = writeSrat({ header: plainHeader, entries: [] });
    expect(hexOf(bytes.slice(0, 9))).toBe("53 52 41 54 30 00 00 00 01");
    expect(hexOf(bytes.slice(10, 48))).toBe(
      "46 41 55 4c 54 20 4c 49 4e 45 20 20 20 20 07 00 00 00 54 45 53 54 01 00 00 00 " +
        "01 00 00 00 00 00 00 00 00 00 00 00",
    );
    expect(bytes.reduce((sum, byte) => sum + byte, 0) % 256).toBe(0);
  });

  test("have the bus before the device in the handle of a generic initiator", () => {
    const bytes = writeSrat({ header: plainHeader, entries: [initiator] });
    expect(hexOf(bytes.slice(48))).toBe(
      "05 20 00 01 01 02 03 04 05 06 07 21 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 " +
        "00 00 00 00",
    );
  });

  test("split the domain of a local APIC entry", () => {
    const cpu: SratEntry = {
      kind: "local-apic",
      proximityDomain: 0x0403_0201,
      apicId: 9,
      flags: 1,
      sapicEid: 8,
      clockDomain: 0,
    };
    const bytes = writeSrat({ header: plainHeader, entries: [cpu] });
    expect(hexOf(bytes.slice(48))).toBe("00 10 01 09 01 00 00 00 08 02 03 04 00 00 00 00");
  });

  test("have a row for each initiator in a matrix of HMAT", () => {
    const bytes = writeHmat({
      header: plainHeader,
      structures: [
        {
          kind: "matrix",
          flags: 0,
          dataType: 3,
          minTransferBytes: 0,
          baseUnit: 2n,
          initiators: [7],
          targets: [7, 8],
          entries: [[100, 50]],
        },
      ],
    });
    expect(hexOf(bytes.slice(40))).toBe(
      "01 00 00 00 30 00 00 00 00 03 00 00 01 00 00 00 02 00 00 00 00 00 00 00 " +
        "02 00 00 00 00 00 00 00 07 00 00 00 07 00 00 00 08 00 00 00 64 00 32 00",
    );
  });

  test("are refused for values that do not fit", () => {
    const wide = { ...initiator, proximityDomain: 2 ** 32 };
    expect(() => writeSrat({ header: plainHeader, entries: [wide] })).toThrow("proximityDomain: ");
    expect(() => writeSrat({ header: { ...plainHeader, oemId: "X" }, entries: [] })).toThrow(
      "oemId: ",
    );
    expect(() => writeSlit({ header: plainHeader, distances: [[10, 20]] })).toThrow("no square");
  });

  test("say where each entry starts", () => {
    const srat: Srat = { header: plainHeader, entries: [initiator, initiator] };
    expect(sratOffsets(srat)).toEqual([48, 80]);
  });
});

describe("a diagnostic", () => {
  const good = writeSrat({
    header: plainHeader,
    entries: [{ kind: "memory", proximityDomain: 1, base: 0n, length: 4096n, flags: 1 }],
  });

  function problems(bytes: Uint8Array): string[] {
    return readAcpiTable(bytes, "SRAT.bin").diagnostics.map(
      ({ code, start, message, hint = "" }) => `${code} +${start} ${message} ${hint}`,
    );
  }

  function changed(at: number, value: number, resum = true): Uint8Array {
    const bytes = Uint8Array.from(good);
    const before = bytes[at] ?? 0;
    bytes[at] = value;
    if (resum) bytes[9] = ((bytes[9] ?? 0) + before - value) & 0xff;
    return bytes;
  }

  test("says what the checksum should be", () => {
    const right = good[9] ?? 0;
    const wrong = (right + 1) & 0xff;
    expect(problems(changed(9, wrong, false))).toEqual([
      `E_ACPI_CHECKSUM +9 checksum: 0x${wrong.toString(16).padStart(2, "0")} ` +
        "all bytes must add up to 0 modulo 256, so it should be " +
        `0x${right.toString(16).padStart(2, "0")}`,
    ]);
  });

  test.each([
    [
      49,
      0,
      "E_ACPI_TABLE +48 structure of type 1: its length is 0, 40 bytes are left in the table",
    ],
    [49, 41, "E_ACPI_TABLE +48 structure of type 1: its length is 41, 40 bytes are left"],
    [50, 9, ""],
    [55, 9, "E_ACPI_TABLE +55 memory affinity: the reserved byte 7 is not 0"],
    [48, 77, "E_ACPI_TABLE +48 SRAT: entry of unknown type 77"],
    [48, 5, "E_ACPI_TABLE +48 generic initiator affinity: its length is 40, not 32"],
    [36, 2, "E_ACPI_TABLE +36 SRAT: the word after the header is not 1"],
    [0, 0x20, "E_ACPI_TABLE +0 no ACPI table: it does not start with a signature"],
    [4, 200, "E_ACPI_TABLE +4 length of the table: 200, the file has 88 bytes"],
    [4, 80, "E_ACPI_TABLE +80 8 bytes after the end of the table"],
  ])("names the byte: byte %i set to %i", (at, value, message) => {
    const [first = ""] = problems(changed(at, value));
    if (message === "") expect(first).toBe("");
    else expect(first).toContain(message);
  });

  test("about a table that is too short, or another, is an error", () => {
    expect(problems(new Uint8Array(3))[0]).toContain("3 bytes, a header has 36");
    const other = writeSlit({ header: plainHeader, distances: [[10]] });
    other[3] = 0x58;
    expect(problems(other).join()).toContain("table with the signature SLIX");
    const slit = Uint8Array.from(writeSlit({ header: plainHeader, distances: [[10]] }));
    slit[36] = 2;
    expect(problems(slit).join()).toContain("SLIT: 2 domains need 4 distances");
  });
});

test("device handles are written as people write them", () => {
  const pci: DeviceHandle = { type: "pci", segment: 1, bus: 0x34, device: 4, function: 2 };
  expect(formatDeviceHandle(pci)).toBe("0001:34:04.2");
  expect(formatDeviceHandle({ type: "acpi", hid: "ACPI0016", uid: 52 })).toBe("ACPI0016:52");
  expect(formatDeviceHandle({ type: "other", code: 9, bytes: [] })).toBe("handle of type 9");
});

test("attributes of a cache are packed as they are unpacked", () => {
  const parts = { nrLevels: 2, level: 1, associativity: 2, policy: 1, lineBytes: 64 };
  expect(packCacheAttributes(parts)).toBe(0x40_1212);
  expect(unpackCacheAttributes(0x40_1212)).toEqual(parts);
});
