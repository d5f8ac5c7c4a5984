// For tests: binary files that machines are imported from, and ways in which they come to be
// broken. Whatever is done to them, an importer answers with a machine or with what is wrong.
import { gunzipSync, gzipSync } from "node:zlib";
import {
  buildQemuTables,
  IMPORT_KINDS,
  loadMachine,
  openImport,
  parseDts,
  printMachine,
  readQemuMachine,
  writeAcpiTables,
  writeDtb,
} from "@faultline/platform";
import fc from "fast-check";
import { packTar } from "modern-tar";
import { expect } from "vitest";
import { decodeUtf8, importAs, sampleFiles, sampleText } from "./import-samples.ts";

/** A file, and the kind that it is read as. */
export interface BinarySample {
  readonly kind: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

const QEMU_TABLES =
  "qemu-system-x86_64 -M q35,hmat=on,cxl=on -nodefaults -m 4G,slots=2,maxmem=8G -smp 2 " +
  "-object memory-backend-ram,id=m0,size=2G -object memory-backend-ram,id=m1,size=2G " +
  "-numa node,nodeid=0,cpus=0-1,memdev=m0 -numa node,nodeid=1,memdev=m1,initiator=0 " +
  "-numa node,nodeid=2 -numa dist,src=0,dst=1,val=21 -numa dist,src=0,dst=2,val=40 " +
  "-numa dist,src=1,dst=2,val=60 " +
  "-numa hmat-lb,initiator=0,target=0,hierarchy=memory,data-type=access-latency,latency=5 " +
  "-numa hmat-lb,initiator=0,target=1,hierarchy=memory,data-type=access-latency,latency=9 " +
  "-numa hmat-lb,initiator=0,target=0,hierarchy=memory,data-type=access-bandwidth,bandwidth=2G " +
  "-numa hmat-lb,initiator=0,target=1,hierarchy=memory,data-type=access-bandwidth,bandwidth=1G " +
  "-numa hmat-cache,node-id=0,size=10K,level=1,associativity=direct,policy=write-back,line=8 " +
  "-device pcie-root-port,id=port0,bus=pcie.0,chassis=1 -device pci-testdev,id=gpu,bus=port0 " +
  "-object acpi-generic-initiator,id=gi0,pci-dev=gpu,node=2 " +
  "-device pxb-cxl,id=cxl.1,bus=pcie.0,bus_nr=12 " +
  "-M cxl-fmw.0.targets.0=cxl.1,cxl-fmw.0.size=4G";

/** SRAT, SLIT, HMAT and CEDT of a QEMU machine that has everything in them. */
export function acpiSamples(): BinarySample[] {
  const { machine, verdict, diagnostics } = readQemuMachine(QEMU_TABLES, "line");
  if (machine === null) throw new Error(`${verdict}: ${diagnostics[0]?.message}`);
  return [...writeAcpiTables(buildQemuTables(machine))].map(([name, bytes]) => {
    return { kind: "acpi", name: `${name}.bin`, bytes };
  });
}

/** The blob of a POWER9. */
export function dtbSample(): BinarySample {
  const { tree } = parseDts(sampleText("../devicetrees/ac922.dts"), "ac922.dts");
  if (tree === null) throw new Error("the sample is broken");
  return { kind: "devicetree", name: "ac922.dtb", bytes: writeDtb(tree) };
}

/** Archives, not compressed: KFD's topology, and firmware tables. */
export async function tarSamples(): Promise<BinarySample[]> {
  const pack = (files: readonly (readonly [name: string, body: Uint8Array])[]) =>
    packTar(files.map(([name, body]) => ({ header: { name, size: body.length }, body })));
  const tables = acpiSamples().map(({ name, bytes }) => [name, bytes] as const);
  const topology = sampleFiles("kfd-three-gpus").map(({ path, read }) => [path, read()] as const);
  return [
    { kind: "acpi", name: "tables.tar", bytes: await pack(tables) },
    { kind: "kfd", name: "topology.tar", bytes: await pack(topology) },
  ];
}

/** Packs an archive as a reader gets it. */
export function gzipped({ kind, name, bytes }: BinarySample): BinarySample {
  return { kind, name: `${name}.gz`, bytes: gzipSync(bytes) };
}

const LENGTHS = [0, 1, 3, 4, 35, 36, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0xffff_ffff];

/** A change of bytes at a place; places and values are taken modulo what there is. */
export type Corruption = (bytes: Uint8Array) => Uint8Array;

/** Byte flips, truncations, length fields in both orders, and stretches lost or doubled. */
export function corruption(): fc.Arbitrary<Corruption> {
  const at = fc.nat();
  const flip = fc.record({ at, mask: fc.integer({ min: 1, max: 255 }) }).map(
    (one): Corruption =>
      (bytes) => {
        const changed = Uint8Array.from(bytes);
        const place = one.at % Math.max(1, changed.length);
        if (changed.length > 0) changed[place] = (changed[place] ?? 0) ^ one.mask;
        return changed;
      },
  );
  const cut = at.map(
    (end): Corruption =>
      (bytes) =>
        bytes.slice(0, end % (bytes.length + 1)),
  );
  const length = fc
    .record({
      // Fields at the beginning say how long everything is: half of the changes are there.
      at: fc.oneof(fc.nat({ max: 63 }), at),
      width: fc.constantFrom(1, 2, 4),
      value: fc.oneof(fc.constantFrom(...LENGTHS), fc.nat({ max: 4096 })),
      isLittle: fc.boolean(),
    })
    .map(
      (one): Corruption =>
        (bytes) =>
          withLength(bytes, one),
    );
  const lost = fc.tuple(at, fc.nat({ max: 64 })).map(
    ([from, size]): Corruption =>
      (bytes) => {
        const place = from % (bytes.length + 1);
        return Uint8Array.from([...bytes.subarray(0, place), ...bytes.subarray(place + size)]);
      },
  );
  const doubled = fc.tuple(at, fc.nat({ max: 64 })).map(
    ([from, size]): Corruption =>
      (bytes) => {
        const place = from % (bytes.length + 1);
        return Uint8Array.from([...bytes.subarray(0, place + size), ...bytes.subarray(place)]);
      },
  );
  return fc
    .array(fc.oneof(flip, flip, cut, length, length, lost, doubled), { minLength: 1, maxLength: 4 })
    .map(
      (all): Corruption =>
        (bytes) =>
          all.reduce((changed, one) => one(changed), bytes),
    );
}

interface LengthChange {
  readonly at: number;
  readonly width: number;
  readonly value: number;
  readonly isLittle: boolean;
}

function withLength(bytes: Uint8Array, { at, width, value, isLittle }: LengthChange): Uint8Array {
  const changed = Uint8Array.from(bytes);
  if (changed.length < width) return changed;
  const view = new DataView(changed.buffer);
  const place = at % (changed.length - width + 1);
  if (width === 1) view.setUint8(place, value & 0xff);
  else if (width === 2) view.setUint16(place, value & 0xffff, isLittle);
  else view.setUint32(place, value, isLittle);
  return changed;
}

/** Makes all bytes of a table add up to 0 again, so that no checksum stops a reader. */
export const withChecksum: Corruption = (bytes) => {
  const changed = Uint8Array.from(bytes);
  if (changed.length < 36) return changed;
  const length = Math.min(changed.length, new DataView(changed.buffer).getUint32(4, true));
  changed[9] = 0;
  const sum = changed.subarray(0, length).reduce((total, byte) => total + byte, 0);
  changed[9] = -sum & 0xff;
  return changed;
};

const MAX_BYTES = 16 * 2 ** 20;
const host = {
  decode: decodeUtf8,
  inflate: (bytes: Uint8Array) => gunzipSync(bytes, { maxOutputLength: MAX_BYTES }),
};

/** Reads a sample as the command line does: what comes is a machine that loads, or errors. */
export async function expectAnswer({ kind, name, bytes }: BinarySample): Promise<boolean> {
  const opened = await openImport(name, bytes, host);
  if (opened.input === undefined) {
    expect(opened.problem.severity).toBe("error");
    return false;
  }
  const { machine, diagnostics } = importAs(kind, opened.input);
  expect(machine === null).toBe(diagnostics.some(({ severity }) => severity === "error"));
  expect(diagnostics.length).toBeLessThanOrEqual(bytes.length + MAX_PROBLEMS);
  for (const { start, end, message, line } of diagnostics) {
    expect(message).not.toMatch(/undefined|NaN|\[object/);
    expect(Math.min(start, end - start, line)).toBeGreaterThanOrEqual(0);
  }
  if (machine === null) return false;
  const loaded = loadMachine(printMachine(machine), "imported.yaml");
  expect(loaded.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return true;
}

/** A file of no bytes has something wrong with it, too. */
const MAX_PROBLEMS = 16;

/** Names of kinds, for reading a file as what it is not. */
export const KIND_NAMES: readonly string[] = IMPORT_KINDS.map(({ name }) => name);
