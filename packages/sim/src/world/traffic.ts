// Which way data has gone during a run: pages that were copied, by place, and pages that devices
// have touched, by what their own table said of the page at that moment.
import {
  APERTURE_INTERCONNECT,
  APERTURE_LOCAL,
  APERTURE_PCIE_P2P,
  EFFORT_PLACE_DEVICE,
  EFFORT_PLACE_SWAP,
} from "@faultline/core";
import type { DeviceMirror } from "@faultline/stacks";

/**
 * How a device reaches a page: its own memory, a private link, a peer's BAR by a bus address below
 * a common switch, a peer's BAR through the host bridge, or memory of the CPUs.
 */
export const TRAFFIC_WAYS = [
  "local",
  "interconnect",
  "bus-address",
  "host-bridge",
  "system",
] as const;
/** One of them. */
export type TrafficWay = (typeof TRAFFIC_WAYS)[number];

/** Pages of one kind of traffic. */
export interface TouchedPages {
  /** The device's position in the machine. */
  readonly device: number;
  readonly way: TrafficWay;
  readonly nrPages: number;
}

/** Pages that were copied from one place to another. */
export interface CopiedPages {
  /** A device's position in the machine; null for memory of the CPUs. */
  readonly from: number | null;
  readonly to: number | null;
  readonly nrPages: number;
}

/** Counts while a run goes on. A page that is touched twice counts twice. */
export class Traffic {
  private readonly touchedPages = new Map<number, Map<TrafficWay, number>>();
  private readonly copiedPages = new Map<string, CopiedPages>();

  /** A device has touched a page that its table maps. */
  touch(mirror: DeviceMirror, page: number): void {
    const device = mirror.device.device.index;
    const ways = this.touchedPages.get(device) ?? new Map<TrafficWay, number>();
    this.touchedPages.set(device, ways);
    const way = wayOf(mirror, page);
    ways.set(way, (ways.get(way) ?? 0) + 1);
  }

  /** Pages were copied between places of the effort log. */
  copy(from: number, to: number, nrPages: number): void {
    const ends = { from: deviceOf(from), to: deviceOf(to) };
    const key = `${ends.from} ${ends.to}`;
    const before = this.copiedPages.get(key)?.nrPages ?? 0;
    this.copiedPages.set(key, { ...ends, nrPages: before + nrPages });
  }

  /** What devices have touched, by device and way. */
  touched(): TouchedPages[] {
    return [...this.touchedPages].flatMap(([device, ways]) =>
      [...ways].map(([way, nrPages]) => ({ device, way, nrPages })),
    );
  }

  /** What was copied, by the two ends, copies within memory of the CPUs among them. */
  copied(): CopiedPages[] {
    return [...this.copiedPages.values()];
  }
}

function wayOf(mirror: DeviceMirror, page: number): TrafficWay {
  const leaf = mirror.lookup(page);
  switch (leaf?.aperture) {
    case APERTURE_LOCAL:
      return "local";
    case APERTURE_INTERCONNECT:
      return "interconnect";
    case APERTURE_PCIE_P2P:
      return mirror.addressOf(page, leaf)?.space.kind === "bus" ? "bus-address" : "host-bridge";
    default:
      return "system";
  }
}

/** Swap counts as memory of the CPUs: no device reaches it. */
function deviceOf(place: number): number | null {
  const isDevice = place >= EFFORT_PLACE_DEVICE && place < EFFORT_PLACE_SWAP;
  return isDevice ? place - EFFORT_PLACE_DEVICE : null;
}
