// One private link between two ends: XGMI, NVLink, Xe Link, C2C. No kernel structure describes
// these for all vendors; the facts kept are those that every vendor's topology tool reports.

/** What the wires are. */
export type FabricKind = "nvlink" | "xgmi" | "xe-link" | "c2c";

/** Every kind. */
export const FABRIC_KINDS: readonly FabricKind[] = ["nvlink", "xgmi", "xe-link", "c2c"];

/** What can be at the end of a link: a device, a CPU socket, or a switch that forwards. */
export type FabricEndKind = "device" | "socket" | "switch";

/** One link, the same in both directions. */
export interface FabricLinkSpec {
  /** A name of its own, such as `gpu0-gpu1`. */
  readonly name: string;
  readonly kind: FabricKind;
  readonly ends: readonly [string, string];
  /** Lanes or bundled sub-links, as the vendor counts them. */
  readonly width: number;
  /** Bytes per second in each direction, of the whole bundle. */
  readonly bandwidthBytesPerSec: number;
  /** Time of the first byte from end to end, in picoseconds. */
  readonly latencyPs: number;
}

/** A link that can fail and come back. */
export class FabricLink {
  readonly name: string;
  readonly kind: FabricKind;
  readonly ends: readonly [string, string];
  readonly width: number;
  readonly bandwidthBytesPerSec: number;
  readonly latencyPs: number;
  isUp = true;

  constructor(spec: FabricLinkSpec) {
    this.name = spec.name;
    this.kind = spec.kind;
    this.ends = spec.ends;
    this.width = spec.width;
    this.bandwidthBytesPerSec = spec.bandwidthBytesPerSec;
    this.latencyPs = spec.latencyPs;
  }

  /** The other end. */
  otherEnd(end: string): string {
    return this.ends[0] === end ? this.ends[1] : this.ends[0];
  }
}
