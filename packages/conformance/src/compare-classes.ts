// Compares which pages share memory. Only the partition counts: the recorded class numbers and the
// kernel's identities must map one to one across all processes of a dump; 0 means no page on both.

import type { FieldDifference } from "./difference.ts";
import type { ExpectedProcess } from "./expected-state.ts";
import type { ProcessView } from "./kernel-under-test.ts";
import { encodeClasses } from "./run-length.ts";

/** Something that sees one page: a process and a page number. */
interface Place {
  readonly process: number;
  readonly page: number;
}

/** Pairs class numbers with identities over one dump; reused for every dump of a case. */
export class ClassPairing {
  readonly #identityOf: (number | undefined)[] = [0];
  readonly #classOf = new Map<number, number>();

  /** The first difference in the partition of the pages of all processes, or null. */
  compare(
    expected: readonly (ExpectedProcess | null)[],
    views: readonly (ProcessView | null)[],
  ): FieldDifference | null {
    this.#identityOf.length = 1;
    this.#classOf.clear();
    this.#classOf.set(0, 0);
    for (let process = 0; process < expected.length; process++) {
      const classes = expected[process]?.c;
      const identities = views[process]?.c;
      if (classes === undefined || identities === undefined) continue;
      const page = this.#firstMismatch(classes, identities);
      if (page >= 0) return describe({ process, page }, expected, views);
    }
    return null;
  }

  /** The first page whose class and identity do not pair up, or -1. */
  #firstMismatch(classes: Int32Array, identities: ArrayLike<number>): number {
    const identityOf = this.#identityOf;
    const classOf = this.#classOf;
    const pages = Math.max(classes.length, identities.length);
    for (let page = 0; page < pages; page++) {
      const number = classes[page];
      const identity = identities[page];
      if (number === undefined || identity === undefined) return page;
      const known = identityOf[number];
      if (known === identity) continue;
      if (known !== undefined || classOf.has(identity)) return page;
      identityOf[number] = identity;
      classOf.set(identity, number);
    }
    return -1;
  }
}

/** Tells with whom the page should share and with whom it does. */
function describe(
  place: Place,
  expected: readonly (ExpectedProcess | null)[],
  views: readonly (ProcessView | null)[],
): FieldDifference {
  const recorded = expected.map((process) => process?.c);
  const actual = views.map((view, process) => (expected[process]?.c ? view?.c : undefined));
  return {
    field: "c",
    process: place.process,
    pages: [place.page, place.page],
    expected: companions(place, recorded),
    actual: companions(place, actual),
    whole: {
      expected: recorded.map(classText).join(" | "),
      actual: actual.map(renumber()).map(classText).join(" | "),
    },
  };
}

function companions(place: Place, lists: readonly (ArrayLike<number> | undefined)[]): string {
  const own = lists[place.process]?.[place.page];
  if (own === undefined) return "no such page";
  if (own === 0) return "no memory";
  for (const [process, list] of lists.entries()) {
    const skipped = process === place.process ? place.page : -1;
    const page = Array.from(list ?? []).findIndex((id, at) => id === own && at !== skipped);
    if (page >= 0) return `the memory of page ${page} of process ${process}`;
  }
  return "memory of its own";
}

/** Numbers identities in order of first appearance, as a recording does. */
function renumber(): (identities: ArrayLike<number> | undefined) => number[] | undefined {
  const numbers = new Map<number, number>([[0, 0]]);
  return (identities) => {
    if (identities === undefined) return undefined;
    return Array.from(identities, (identity) => {
      const number = numbers.get(identity) ?? numbers.size;
      numbers.set(identity, number);
      return number;
    });
  };
}

function classText(classes: ArrayLike<number> | undefined): string {
  return classes === undefined ? "-" : encodeClasses(classes);
}
