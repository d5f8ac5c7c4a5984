// What a formation keeps of the links between devices, and how much of that is the luck of the
// order in which their drivers probe.
import { checkWholeNumber } from "@faultline/core";
import { ConnectionMatrix } from "./connection-matrix.ts";
import { formOwnerSpaces } from "./form-owner-spaces.ts";
import { isOrderDependent, type OwnerFormation } from "./owner-formation.ts";

/** Members up to which every order is tried: 8! = 40 320. */
export const MAX_MEMBERS_OF_ALL_ORDERS = 8;

/** One partition, counted in pairs of different members. */
export interface SpacesCount {
  /** Connected pairs in one space: what `hmm_range_fault()` leaves in place. */
  readonly nrKept: number;
  /** Pairs in one space that are not connected: what it leaves in place out of reach. */
  readonly nrUnconnected: number;
}

/** One join order with what it gives. */
export interface JoinOrder<Member> {
  readonly order: readonly Member[];
  readonly spaces: readonly (readonly Member[])[];
  readonly nrKept: number;
}

/** A formation over join orders. */
export interface JoinOrderStudy<Member> {
  readonly formation: OwnerFormation;
  /** The members as they were given. */
  readonly given: JoinOrder<Member> & SpacesCount;
  readonly nrConnected: number;
  /** Orders tried: all, a sample, or 1 where the order does not matter. */
  readonly nrOrders: number;
  readonly isSample: boolean;
  readonly sumKept: number;
  /** The first order tried with the fewest kept pairs. */
  readonly worst: JoinOrder<Member>;
  /** The first order tried with the most. */
  readonly best: JoinOrder<Member>;
}

/** What to study. */
export interface JoinOrderQuestion<Member> {
  readonly formation: OwnerFormation;
  readonly members: readonly Member[];
  readonly isConnected: (a: Member, b: Member) => boolean;
  readonly hiveOf: (member: Member) => unknown;
  /** Orders drawn where there are too many to try all. @defaultValue 20 000 */
  readonly nrSamples?: number;
  /** Of the sample. @defaultValue 1 */
  readonly seed?: number;
}

/** Forms the spaces of the given order, and of all orders or a sample that contains it. */
export function studyJoinOrders<Member>(
  question: JoinOrderQuestion<Member>,
): JoinOrderStudy<Member> {
  const { formation, members, nrSamples = 20_000, seed = 1 } = question;
  checkWholeNumber(nrSamples, "question.nrSamples", 1);
  checkWholeNumber(seed, "question.seed", 0, 0xffff_ffff);
  const matrix = new ConnectionMatrix(members.length, (a, b) =>
    question.isConnected(members[a] as Member, members[b] as Member),
  );
  const form = (order: readonly number[]): number[][] =>
    formOwnerSpaces(
      formation,
      order,
      (a, b) => matrix.has(a, b),
      (member) => question.hiveOf(members[member] as Member),
    );
  const toMembers = (numbers: readonly number[]): Member[] =>
    numbers.map((number) => members[number] as Member);
  const joinOrder = (order: readonly number[]): JoinOrder<Member> => {
    const spaces = form(order);
    const { nrKept } = countSpaces(matrix, spaces);
    return { order: toMembers(order), spaces: spaces.map(toMembers), nrKept };
  };
  const givenOrder = [...members.keys()];
  const isSample = isOrderDependent(formation) && members.length > MAX_MEMBERS_OF_ALL_ORDERS;
  let nrOrders = 0;
  let sumKept = 0;
  let worst = { order: givenOrder, nrKept: Number.POSITIVE_INFINITY };
  let best = { order: givenOrder, nrKept: -1 };
  for (const order of ordersOf(formation, members.length, nrSamples, seed)) {
    const { nrKept } = countSpaces(matrix, form(order));
    nrOrders++;
    sumKept += nrKept;
    if (nrKept < worst.nrKept) worst = { order: [...order], nrKept };
    if (nrKept > best.nrKept) best = { order: [...order], nrKept };
  }
  return {
    formation,
    given: { ...joinOrder(givenOrder), ...countSpaces(matrix, form(givenOrder)) },
    nrConnected: matrix.nrPairs,
    nrOrders,
    isSample,
    sumKept,
    worst: joinOrder(worst.order),
    best: joinOrder(best.order),
  };
}

function countSpaces(
  matrix: ConnectionMatrix,
  spaces: readonly (readonly number[])[],
): SpacesCount {
  let nrKept = 0;
  let nrUnconnected = 0;
  for (const space of spaces) {
    for (const [index, a] of space.entries()) {
      for (let other = index + 1; other < space.length; other++) {
        if (matrix.has(a, space[other] as number)) nrKept++;
        else nrUnconnected++;
      }
    }
  }
  return { nrKept, nrUnconnected };
}

/** The orders to try, the given one first. The array yielded is the same each time. */
function* ordersOf(
  formation: OwnerFormation,
  nrMembers: number,
  nrSamples: number,
  seed: number,
): Generator<number[]> {
  const order = Array.from({ length: nrMembers }, (_, member) => member);
  if (!isOrderDependent(formation)) yield order;
  else if (nrMembers <= MAX_MEMBERS_OF_ALL_ORDERS) yield* permutations(order);
  else yield* shuffles(order, nrSamples, seed);
}

/** All orders, lexicographically, each made from the one before. */
function* permutations(order: number[]): Generator<number[]> {
  for (;;) {
    yield order;
    let pivot = order.length - 2;
    while (pivot >= 0 && at(order, pivot) > at(order, pivot + 1)) pivot--;
    if (pivot < 0) return;
    let successor = order.length - 1;
    while (at(order, successor) < at(order, pivot)) successor--;
    swap(order, pivot, successor);
    for (let a = pivot + 1, b = order.length - 1; a < b; a++, b--) swap(order, a, b);
  }
}

/** The given order, then random ones (Fisher-Yates). */
function* shuffles(order: number[], nrSamples: number, seed: number): Generator<number[]> {
  yield order;
  const next = splitMix32(seed);
  for (let sample = 1; sample < nrSamples; sample++) {
    for (let last = order.length - 1; last > 0; last--) swap(order, last, next(last + 1));
    yield order;
  }
}

/** SplitMix32: numbers below a limit; the bias of the remainder is below 2^-24 here. */
function splitMix32(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % limit;
  };
}

function at(order: readonly number[], index: number): number {
  return order[index] as number;
}

function swap(order: number[], a: number, b: number): void {
  const value = at(order, a);
  order[a] = at(order, b);
  order[b] = value;
}
