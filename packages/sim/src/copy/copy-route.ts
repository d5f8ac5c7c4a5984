// The way of copies between two places: lanes that other copies share, and how much of a copy's
// price is time on them.
import type { Route } from "../link/route.ts";

const BYTES_PER_MEGABYTE_AND_PS = 1_000_000;

/** A way, made once for each pair of places. */
export class CopyRoute {
  readonly route: Route;
  /**
   * What the profile of the device that copies says of a copy alone, in 10^6 bytes a second; 0 when
   * it says nothing, and the lanes alone decide.
   */
  private readonly pricedRate: number;
  /** The narrowest lane. */
  private readonly slowestRate: number;

  /** @param pricedRate whole, and at least what the price is made of: the rest is setting up. */
  constructor(route: Route, pricedRate: number) {
    this.route = route;
    this.pricedRate = pricedRate;
    const lanes = route.segments.flatMap((segment) => segment.lanes);
    this.slowestRate = Math.min(...lanes.map((lane) => lane.megabytesPerSec));
  }

  /** The bytes of a copy that its price has room for, at most all of them. */
  bytesOnLanes(nrBytes: number, pricePs: number): number {
    if (this.pricedRate === 0) return nrBytes;
    const most = Math.floor((pricePs * this.pricedRate) / BYTES_PER_MEGABYTE_AND_PS);
    return Math.min(nrBytes, most);
  }

  /** The part of the price that these bytes are. */
  pricedPs(nrBytes: number): number {
    if (this.pricedRate === 0) return 0;
    return Math.ceil((nrBytes * BYTES_PER_MEGABYTE_AND_PS) / this.pricedRate);
  }

  /** What the bytes take here while nobody else copies. */
  alonePs(nrBytes: number): number {
    return Math.ceil((nrBytes * BYTES_PER_MEGABYTE_AND_PS) / this.slowestRate);
  }
}
