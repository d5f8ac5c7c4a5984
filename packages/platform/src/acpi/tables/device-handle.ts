// The device handle of generic initiators and ports: which device a structure is about
// (ACPI 6.5, 5.2.16.6).
import type { Field } from "./byte-fields.ts";
import { text, u16, u32, u8 } from "./byte-fields.ts";

/** A device, named by its PCI address, by its ACPI name, or in a way that is not known. */
export type DeviceHandle =
  | {
      readonly type: "pci";
      readonly segment: number;
      readonly bus: number;
      readonly device: number;
      readonly function: number;
    }
  | { readonly type: "acpi"; readonly hid: string; readonly uid: number }
  | { readonly type: "other"; readonly code: number; readonly bytes: readonly number[] };

const CODE_OFFSET = 3;
const HANDLE_OFFSET = 8;
const HANDLE_BYTES = 16;
const ACPI = 0;
const PCI = 1;

const code = u8(CODE_OFFSET);
const pci = { segment: u16(8), bus: u8(10), devfn: u8(11) };
const acpi = { hid: text(8, 8), uid: u32(16) };

/** The code at byte 3 and the handle at byte 8 of a structure, as one value. */
export const deviceHandleField: Field<DeviceHandle> = {
  covers: [
    [CODE_OFFSET, 1],
    [HANDLE_OFFSET, HANDLE_BYTES],
  ],
  read: (view, structure) => {
    const type = code.read(view, structure);
    const bytes = Array.from({ length: HANDLE_BYTES }, (_, at) =>
      view.getUint8(structure + HANDLE_OFFSET + at),
    );
    const restIsZero = (used: number): boolean => bytes.slice(used).every((byte) => byte === 0);
    if (type === PCI && restIsZero(4)) {
      const devfn = pci.devfn.read(view, structure);
      return {
        type: "pci",
        segment: pci.segment.read(view, structure),
        bus: pci.bus.read(view, structure),
        device: devfn >> 3,
        function: devfn & 7,
      };
    }
    if (type === ACPI && restIsZero(12)) {
      const [hid, uid] = [acpi.hid.read(view, structure), acpi.uid.read(view, structure)];
      return { type: "acpi", hid, uid };
    }
    return { type: "other", code: type, bytes };
  },
  write: (view, structure, handle, name) => {
    const codes = { pci: PCI, acpi: ACPI };
    code.write(view, structure, handle.type === "other" ? handle.code : codes[handle.type], name);
    if (handle.type === "pci") {
      pci.segment.write(view, structure, handle.segment, `${name}.segment`);
      pci.bus.write(view, structure, handle.bus, `${name}.bus`);
      const devfn = handle.device * 8 + handle.function;
      pci.devfn.write(view, structure, devfn, `${name}.device`);
    } else if (handle.type === "acpi") {
      acpi.hid.write(view, structure, handle.hid, `${name}.hid`);
      acpi.uid.write(view, structure, handle.uid, `${name}.uid`);
    } else {
      handle.bytes.forEach((byte, at) =>
        u8(HANDLE_OFFSET + at).write(view, structure, byte, `${name}.bytes`),
      );
    }
  },
};

/** A handle as people write it: 0000:00:04.0, ACPI0016:52. */
export function formatDeviceHandle(handle: DeviceHandle): string {
  if (handle.type === "acpi") return `${handle.hid.replace(/[\0 ]+$/, "")}:${handle.uid}`;
  if (handle.type === "other") return `handle of type ${handle.code}`;
  const { segment, bus, device, function: fn } = handle;
  const [domain, busText, slot] = [hex(segment, 4), hex(bus, 2), hex(device, 2)];
  return `${domain}:${busText}:${slot}.${fn}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
