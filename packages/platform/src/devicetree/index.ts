// Device trees: source and blobs read with diagnostics, and written.
export type { DeviceTree, DtNode, DtPart, DtProperty, DtReservation } from "./device-tree.ts";
export type { TextRange } from "./device-tree.ts";
export { dtDiagnostic, MAX_DEPTH, nodesOf, placeOf } from "./device-tree.ts";
export * from "./dt-value.ts";
export { type LoadedDeviceTree, parseDts } from "./parse-dts.ts";
export { printDts } from "./print-dts.ts";
export { isDtb, readDtb } from "./read-dtb.ts";
export { writeDtb } from "./write-dtb.ts";
