// The obvious model of fair sharing, for tests: bytes are a fluid, and whenever a transfer begins
// or ends, the max-min fair rate of every transfer is worked out again from nothing.

/** A transfer over lanes, by number. */
export interface FluidTransfer {
  readonly startPs: number;
  readonly sizeBytes: number;
  readonly lanes: readonly number[];
}

interface Fluid extends FluidTransfer {
  left: number;
  rate: number;
  endPs: number;
}

/** When each transfer has been served, in fractions of ps; `capacities` in bytes per ps. */
export function fluidEnds(
  capacities: readonly number[],
  transfers: readonly FluidTransfer[],
): number[] {
  const fluids = transfers.map(
    (one): Fluid => ({ ...one, left: one.sizeBytes, rate: 0, endPs: Infinity }),
  );
  let nowPs = 0;
  for (;;) {
    const active = fluids.filter(({ startPs, endPs }) => startPs <= nowPs && endPs === Infinity);
    decideRates(capacities, active);
    const starts = fluids.map(({ startPs }) => startPs).filter((startPs) => startPs > nowPs);
    const ends = active.map(({ left, rate }) => nowPs + left / rate);
    const nextPs = Math.min(...starts, ...ends);
    if (nextPs === Infinity) return fluids.map(({ endPs }) => endPs);
    for (const fluid of active) {
      const endPs = nowPs + fluid.left / fluid.rate;
      fluid.left -= fluid.rate * (nextPs - nowPs);
      if (endPs <= nextPs * (1 + 1e-14)) fluid.endPs = nextPs;
    }
    nowPs = nextPs;
  }
}

/** Raises all rates together; who meets a full lane stops, the others go on. */
function decideRates(capacities: readonly number[], active: readonly Fluid[]): void {
  const rest = [...capacities];
  let open = [...active];
  while (open.length > 0) {
    const users = rest.map((_, lane) => open.filter(({ lanes }) => lanes.includes(lane)).length);
    const shares = rest.map((left, lane) => left / (users[lane] ?? 0));
    const usable = shares.filter((_, lane) => (users[lane] ?? 0) > 0);
    const least = Math.min(...usable);
    const full = shares.findIndex((share, lane) => share === least && (users[lane] ?? 0) > 0);
    for (const fluid of open.filter(({ lanes }) => lanes.includes(full))) {
      fluid.rate = least;
      for (const lane of fluid.lanes) rest[lane] = (rest[lane] ?? 0) - least;
    }
    open = open.filter(({ lanes }) => !lanes.includes(full));
  }
}
