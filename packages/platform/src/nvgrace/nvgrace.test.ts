import { EINVAL, EIO, EOVERFLOW, ETIME } from "@faultline/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkGraceMmap,
  checkReadyAfterReset,
  cxlReadinessDeadlines,
  GRACE_PARTS,
  graceRegionInfos,
  MEMBLK_SIZE,
  nrMemoryBlocks,
  nvgraceGpuHasMigHwBug,
  nvgraceGpuInitNvdevStruct,
  nvgraceGpuReadConfigEmu,
  nvgraceGpuReadMem,
  nvgraceGpuWaitDeviceReady,
  nvgraceGpuWriteConfigEmu,
  nvgraceGpuWriteMem,
  openGraceDevice,
  parseGraceCommand,
  RESMEM_SIZE,
  resetGraceDevice,
} from "./index.ts";
import type { CoreConfigSpace, GraceDevice, MemRegion } from "./index.ts";

const GIB = 1n << 30n;
const MIB = 1n << 20n;
const BASE = 1n << 46n;

function split(
  memLength: bigint,
  hasMigHwBug = true,
  rule: "7.2" | "6.9" = "7.2",
): { usemem: MemRegion; resmem: MemRegion } {
  const found = nvgraceGpuInitNvdevStruct({ memPhys: BASE, memLength, hasMigHwBug }, rule);
  if (found.usemem === null) throw new Error(`failed: ${found.ret}`);
  return found;
}

function open(memLength: bigint, hasMigHwBug = true): GraceDevice {
  return openGraceDevice(split(memLength, hasMigHwBug));
}

describe("division of the memory", () => {
  test("with the MIG defect, 1 GiB or more is reserved and the rest is whole blocks", () => {
    const { usemem, resmem } = split(96n * GIB);
    expect(usemem).toEqual({ memPhys: BASE, memLength: 95n * GIB, barSize: 128n * GIB });
    expect(resmem).toEqual({ memPhys: BASE + 95n * GIB, memLength: GIB, barSize: GIB });
    expect(nrMemoryBlocks(usemem)).toBe(190);
  });

  test("what alignment takes from the usable part makes the reserved BAR larger", () => {
    const { usemem, resmem } = split(97_871n * MIB);
    expect([usemem.memLength, resmem.memLength]).toEqual([96_768n * MIB, 1103n * MIB]);
    expect([usemem.barSize, resmem.barSize]).toEqual([128n * GIB, 2n * GIB]);
  });

  test("7.2 sizes the usable BAR before it aligns the memory, 6.9 after", () => {
    const memLength = 65n * GIB + 100n * MIB;
    expect(split(memLength).usemem.barSize).toBe(128n * GIB);
    expect(split(memLength, true, "6.9").usemem.barSize).toBe(64n * GIB);
  });

  test("without the defect all of it is usable at its own length", () => {
    const { usemem, resmem } = split(186n * GIB + 1n, false);
    expect([usemem.memLength, usemem.barSize]).toEqual([186n * GIB + 1n, 256n * GIB]);
    expect(resmem).toEqual({ memPhys: 0n, memLength: 0n, barSize: 0n });
  });

  test.each([
    ["less than the reserve", BASE, GIB - 1n, -EOVERFLOW],
    ["the reserve and no whole block", BASE, GIB + MEMBLK_SIZE - 1n, -EINVAL],
    ["an end beyond 64 bits", (1n << 64n) - GIB, 96n * GIB, -EOVERFLOW],
  ])("%s fails", (_what, memPhys, memLength, ret) => {
    const found = nvgraceGpuInitNvdevStruct({ memPhys, memLength, hasMigHwBug: true });
    expect(found).toEqual({ ret, usemem: null, resmem: null });
  });

  test("nothing is lost, blocks are whole, BARs are the powers of two that hold their part", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: GIB + MEMBLK_SIZE, max: 1n << 42n }), (memLength) => {
        const { usemem, resmem } = split(memLength);
        expect(usemem.memLength + resmem.memLength).toBe(memLength);
        expect(resmem.memPhys).toBe(usemem.memPhys + usemem.memLength);
        expect(usemem.memLength % MEMBLK_SIZE).toBe(0n);
        expect(resmem.memLength).toBeGreaterThanOrEqual(RESMEM_SIZE);
        expect(resmem.memLength).toBeLessThan(RESMEM_SIZE + MEMBLK_SIZE);
        for (const { memLength: bytes, barSize } of [usemem, resmem]) {
          expect(barSize & (barSize - 1n)).toBe(0n);
          expect(barSize).toBeGreaterThanOrEqual(bytes);
        }
        expect(resmem.barSize).toBeLessThan(2n * resmem.memLength);
      }),
    );
  });

  test("every product is divided without an error", () => {
    for (const { memLength, hasMigHwBug } of GRACE_PARTS) {
      expect(split(memLength, hasMigHwBug).usemem.memLength).toBeGreaterThan(0n);
    }
  });
});

describe("fake BAR registers", () => {
  const written: [number, number][] = [];
  const core: CoreConfigSpace = {
    read: (_offset, count) => new Uint8Array(count).fill(0xcc),
    write: (offset, bytes) => {
      written.push([offset, bytes.length]);
      return bytes.length;
    },
  };
  const read = (device: GraceDevice, offset: number, count: number): string =>
    Buffer.from(nvgraceGpuReadConfigEmu(device, core, offset, count)).toString("hex");
  const write = (device: GraceDevice, offset: number, hex: string): object =>
    nvgraceGpuWriteConfigEmu(device, core, offset, Buffer.from(hex, "hex"));

  test("read as 64-bit prefetchable before and after sizing with ones", () => {
    const device = open(96n * GIB);
    expect(read(device, 0x20, 8)).toBe("0c00000000000000");
    expect(write(device, 0x20, "ffffffff")).toEqual({ ret: 4, toCore: false });
    expect(write(device, 0x24, "ffffffff")).toEqual({ ret: 4, toCore: false });
    expect(read(device, 0x20, 8)).toBe("0c000000e0ffffff");
  });

  test("one access meets one pair, the reserved region's first", () => {
    const device = open(96n * GIB);
    expect(read(device, 0x18, 16)).toBe(`0c00000000000000${"cc".repeat(8)}`);
    expect(read(device, 0x1e, 4)).toBe("0000cccc");
    expect(write(device, 0x16, "11223344")).toEqual({ ret: 2, toCore: false });
    expect(device.resmem?.barValue).toBe(0x4433n);
    expect(written).toEqual([]);
  });

  test("without a reserved region, an access that touches 0x18 goes to the core whole", () => {
    const device = open(186n * GIB, false);
    expect(read(device, 0x18, 16)).toBe("cc".repeat(16));
    expect(read(device, 0x20, 4)).toBe("0c000000");
    expect(write(device, 0x18, "00".repeat(16))).toEqual({ ret: 16, toCore: true });
    expect(written).toEqual([[0x18, 16]]);
    expect(device.usemem.barValue).toBe(0n);
  });

  test("keep an address below the BAR's size to themselves, until VFIO_DEVICE_RESET", () => {
    const device = open(96n * GIB);
    write(device, 0x20, "0000008040000000");
    expect(device.usemem.barValue).toBe(0x40_8000_0000n);
    expect(read(device, 0x20, 8)).toBe("0c00000040000000");
    resetGraceDevice(device, false);
    expect(device.usemem.barValue).toBe(0x40_8000_0000n);
    resetGraceDevice(device, true);
    expect(device.usemem.barValue).toBe(0n);
  });
});

describe("accesses to a fake region", () => {
  const end = 95n * GIB;
  const memory = {
    read: (_offset: bigint, count: number) => new Uint8Array(count).fill(0xa5),
    write: (offset: bigint, bytes: Uint8Array) => void stored.push([offset, bytes.length]),
  };
  const stored: [bigint, number][] = [];

  test("read ones beyond the memory and stop at the end of the BAR", () => {
    const { usemem } = open(96n * GIB);
    const bytes = (offset: bigint): string =>
      Buffer.from(nvgraceGpuReadMem(usemem, memory, offset, 4).bytes).toString("hex");
    expect(bytes(end - 2n)).toBe("a5a5ffff");
    expect(bytes(end)).toBe("ffffffff");
    expect(bytes(128n * GIB - 1n)).toBe("ff");
    expect(nvgraceGpuReadMem(usemem, memory, 128n * GIB, 4)).toMatchObject({ ret: -EINVAL });
  });

  test("drop what is written beyond the memory and call it written", () => {
    const { usemem } = open(96n * GIB);
    expect(nvgraceGpuWriteMem(usemem, memory, end - 3n, new Uint8Array(8))).toEqual({
      ret: 8,
      deviceBytes: 3,
      beyondBytes: 5,
    });
    expect(nvgraceGpuWriteMem(usemem, memory, end, new Uint8Array(8))).toMatchObject({ ret: 8 });
    expect(stored).toEqual([[end - 3n, 3]]);
  });
});

describe("region information", () => {
  test("index 4 is cached memory of the guest, index 2 is uncached and for MIG", () => {
    const infos = graceRegionInfos(open(96n * GIB));
    expect(infos.map(({ index, bars, sizeBytes }) => [index, bars, sizeBytes])).toEqual([
      [2, "BAR2/3", GIB],
      [4, "BAR4/5", 128n * GIB],
    ]);
    expect(infos.map(({ attributes }) => attributes.cached)).toEqual([false, true]);
    expect(infos[1]).toMatchObject({
      fileOffset: 4n << 40n,
      sparseMmap: { offset: 0n, sizeBytes: 95n * GIB },
    });
    expect(graceRegionInfos(open(186n * GIB, false)).map(({ index }) => index)).toEqual([4]);
  });

  test("only memory that exists can be mapped", () => {
    const { usemem } = open(96n * GIB);
    expect(checkGraceMmap(usemem, 94n * GIB, GIB)).toBe(0);
    expect(checkGraceMmap(usemem, 94n * GIB, GIB + 1n)).toBe(-EINVAL);
    expect(checkGraceMmap(usemem, 1n << 63n, 1n << 63n)).toBe(-EOVERFLOW);
  });
});

describe("generations", () => {
  test("Blackwell says in NVIDIA's DVSEC 3 that MIG needs no reserved memory", () => {
    const bytes = new Uint8Array(16);
    const dvsec = { vendor: 0x10de, id: 3, bytes };
    expect(nvgraceGpuHasMigHwBug([])).toBe(true);
    expect(nvgraceGpuHasMigHwBug([dvsec])).toBe(true);
    bytes[0xa] = 1;
    expect(nvgraceGpuHasMigHwBug([{ ...dvsec, id: 4 }])).toBe(true);
    expect(nvgraceGpuHasMigHwBug([dvsec])).toBe(false);
  });

  test("link and memory are looked at each second, for thirty", () => {
    const after = (ms: number) => (now: number) => ({ c2c: 0xff, hbm: now < ms ? 1 : 0xff });
    expect(nvgraceGpuWaitDeviceReady(after(0))).toEqual({ ret: 0, elapsedMs: 0 });
    expect(nvgraceGpuWaitDeviceReady(after(2500))).toEqual({ ret: 0, elapsedMs: 3000 });
    expect(nvgraceGpuWaitDeviceReady(after(90_000))).toEqual({ ret: -ETIME, elapsedMs: 30_000 });
  });

  test("after a reset the first access waits, and fails while memory decoding is off", () => {
    const device = open(96n * GIB);
    const ready = (): { c2c: number; hbm: number } => ({ c2c: 0xff, hbm: 0xff });
    expect(checkReadyAfterReset(device, false, ready)).toBe(0);
    resetGraceDevice(device, true);
    expect(checkReadyAfterReset(device, false, ready)).toBe(-EIO);
    expect(checkReadyAfterReset(device, true, ready)).toBe(0);
    expect(device.resetDone).toBe(false);
  });

  test("the CXL DVSEC gives deadlines from 1 to 256 seconds", () => {
    const active = [0, 1, 2, 3, 4, 7].map((field) => cxlReadinessDeadlines(field).activeMs / 1000);
    expect(active).toEqual([1, 4, 16, 64, 256, 256]);
  });
});

describe("access commands", () => {
  test.each([
    ["frob 1", /unknown command: frob \(known: init, /],
    ["", /unknown command: nothing/],
    ["rcfg 0x18", /expected: rcfg OFFSET COUNT$/],
    ["rcfg 0x1000 4", /in range/],
    ["wcfg 0x18 abc", /in range/],
    ["rmem 4 -1 8", /in range/],
    ["init 2 0 0", /in range/],
  ])("`%s` is refused", (line, message) => {
    expect(parseGraceCommand(line)).toMatch(message);
  });

  test("no text makes the parser fail otherwise", () => {
    const word = fc.constantFrom("init", "rcfg", "wcfg", "rmem", "reset", "0x18", "ff", "-1", "9");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(" ")),
        ),
        (line) => {
          expect(["string", "object"]).toContain(typeof parseGraceCommand(line));
        },
      ),
    );
  });
});
