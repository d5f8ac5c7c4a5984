// Programs that hand pages to each other, in turns: who may begin which turn when, and what is
// touched in it. Each member of an exchange is a program of CPUs or of a device.
import { checkArgument, checkWholeNumber, invariant } from "@faultline/core";
import { ACCESS_READ, ACCESS_WRITE } from "../record/activities.ts";
import type { AccessStream } from "../world/access-stream.ts";
import { type AccessPart, PartsStream } from "../world/parts-stream.ts";

/**
 * `ping-pong`: one member after the other writes all pages. `pipeline`: the first member fills the
 * slots of a ring, the last one reads them, and those between read and write them. `stencil`: each
 * member reads the edges of its neighbours' parts of the pages and writes its own part.
 */
export const EXCHANGES = ["ping-pong", "pipeline", "stencil"] as const;

/** One of them. */
export type ExchangeKind = (typeof EXCHANGES)[number];

/** Who hands what to whom. */
export interface ExchangeSpec {
  readonly kind: ExchangeKind;
  readonly start: number;
  readonly nrPages: number;
  /** At least two. */
  readonly nrMembers: number;
  /** Turns of each member. */
  readonly rounds: number;
  /** Pages of a neighbour's part that are read, `stencil` only. @defaultValue 1 */
  readonly halo?: number;
  /** Slots of the ring, `pipeline` only. @defaultValue 2 */
  readonly slots?: number;
  /** What a write stores. @defaultValue 0 */
  readonly valueAt?: (page: number) => number;
}

/** A turn begins when another member has ended so many of its own. */
export interface TurnNeed {
  readonly member: number;
  readonly nrTurns: number;
}

/** An exchange, turn by turn. */
export class Exchange {
  readonly spec: ExchangeSpec;
  private readonly halo: number;
  private readonly slots: number;

  constructor(spec: ExchangeSpec) {
    const { kind, nrPages, nrMembers, rounds, halo = 1, slots = 2 } = spec;
    checkWholeNumber(nrMembers, "nrMembers", 2, 256);
    checkWholeNumber(rounds, "rounds", 1, 2 ** 32);
    checkArgument(halo >= 0, "halo", "not negative");
    const least = kind === "stencil" ? nrMembers : kind === "pipeline" ? slots : 1;
    checkWholeNumber(nrPages, "nrPages", Math.max(1, least), 2 ** 45);
    this.spec = spec;
    this.halo = halo;
    this.slots = slots;
  }

  /** What must have happened before a member's turn, counted from 0. */
  needsOf(member: number, turn: number): TurnNeed[] {
    const { kind, nrMembers } = this.spec;
    const last = nrMembers - 1;
    const before = { member: member - 1, nrTurns: turn + 1 };
    switch (kind) {
      case "ping-pong":
        return member > 0 ? [before] : [{ member: last, nrTurns: turn }];
      case "pipeline": {
        const isFree = { member: member + 1, nrTurns: Math.max(0, turn + 1 - this.slots) };
        return [...(member > 0 ? [before] : []), ...(member < last ? [isFree] : [])];
      }
      case "stencil":
        return this.neighboursOf(member).map((neighbour) => ({ member: neighbour, nrTurns: turn }));
    }
  }

  /** What a member touches in a turn. */
  accessesOf(member: number, turn: number): AccessStream {
    return new PartsStream(this.partsOf(member, turn), this.spec.valueAt);
  }

  private partsOf(member: number, turn: number): AccessPart[] {
    const { kind, start, nrPages, nrMembers } = this.spec;
    if (kind === "ping-pong") return [{ start, nrPages, access: ACCESS_WRITE }];
    if (kind === "stencil") return this.stencilParts(member);
    const size = Math.floor(nrPages / this.slots);
    const slot = { start: start + (turn % this.slots) * size, nrPages: size };
    const read = { ...slot, access: ACCESS_READ };
    const write = { ...slot, access: ACCESS_WRITE };
    if (member === 0) return [write];
    return member === nrMembers - 1 ? [read] : [read, write];
  }

  private stencilParts(member: number): AccessPart[] {
    const edges = this.neighboursOf(member).map((neighbour): AccessPart => {
      const [start, end] = this.slabOf(neighbour);
      const nrPages = Math.min(this.halo, end - start);
      const from = neighbour < member ? end - nrPages : start;
      return { start: from, nrPages, access: ACCESS_READ };
    });
    const [start, end] = this.slabOf(member);
    return [...edges, { start, nrPages: end - start, access: ACCESS_WRITE }];
  }

  private neighboursOf(member: number): number[] {
    const { nrMembers } = this.spec;
    return [member - 1, member + 1].filter((one) => one >= 0 && one < nrMembers);
  }

  /** First page of a member's part, and the one after its last. */
  private slabOf(member: number): [number, number] {
    const { start, nrPages, nrMembers } = this.spec;
    const at = (n: number): number => start + Math.floor((n * nrPages) / nrMembers);
    invariant(member < nrMembers, `there is no member ${member}`);
    return [at(member), at(member + 1)];
  }
}
