// What a run is called in tables, figures and traces, and what its numbers stand for.
import { EFFORT_PLACE_DEVICE, EFFORT_PLACE_SWAP } from "@faultline/core";
import { CPU_DEVICE } from "@faultline/sim";

/** A run by its names. */
export interface NamedRun {
  /** The scenario's file. */
  readonly scenario: string;
  /** The profile of its CPUs. */
  readonly profile: string;
  readonly seed: number;
  /** Bytes of a page. */
  readonly pageBytes: number;
  /** The name of a device by its number in the records. */
  readonly nameOf: (device: number) => string;
}

/** The name of who faults: a device, or `cpu`. */
export function faulterName({ nameOf }: NamedRun, device: number): string {
  return device === CPU_DEVICE ? "cpu" : nameOf(device);
}

/** The name of a place of pages: `node 0`, a device, or `swap`. */
export function placeName({ nameOf }: NamedRun, place: number): string {
  if (place === EFFORT_PLACE_SWAP) return "swap";
  return place >= EFFORT_PLACE_DEVICE ? nameOf(place - EFFORT_PLACE_DEVICE) : `node ${place}`;
}
