import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formOwnerSpaces } from "./form-owner-spaces.ts";
import { OWNER_FORMATIONS, type OwnerFormation } from "./owner-formation.ts";

/** Spaces of devices named by letters and connected in pairs, as words. */
function spaces(formation: OwnerFormation, order: string, ...pairs: readonly string[]): string[] {
  const isConnected = (a: string, b: string): boolean =>
    pairs.includes(a + b) || pairs.includes(b + a);
  const hiveOf = (name: string): string | null => (name < "C" ? "hive" : null);
  return formOwnerSpaces(formation, order.split(""), isConnected, hiveOf).map((space) =>
    space.join(""),
  );
}

describe("greedy cliques and the order of joining", () => {
  const square = ["AB", "BC", "CD", "AD"];

  test("A, B, C, D in a square give AB and CD", () => {
    expect(spaces("greedyClique", "ABCD", ...square)).toEqual(["AB", "CD"]);
  });

  test("A, C, B, D: A and C found, B joins A, D fails on B and joins C", () => {
    expect(spaces("greedyClique", "ACBD", ...square)).toEqual(["AB", "CD"]);
  });

  test("B, C, A, D give BC and AD", () => {
    expect(spaces("greedyClique", "BCAD", ...square)).toEqual(["BC", "AD"]);
  });

  test("with A-B and B-C but not A-C, C is foreign to B", () => {
    expect(spaces("greedyClique", "ABC", "AB", "BC")).toEqual(["AB", "C"]);
  });
});

test.each<[OwnerFormation, string[]]>([
  ["perDevice", ["A", "B", "C", "D", "E"]],
  ["hive", ["AB", "C", "D", "E"]],
  ["greedyClique", ["AB", "CD", "E"]],
  ["transitive", ["ABCD", "E"]],
  ["global", ["ABCDE"]],
  ["ideal", ["AB", "CD", "E"]],
])("%s on a chain of four and a loner", (formation, expected) => {
  expect(spaces(formation, "ABCDE", "AB", "BC", "CD")).toEqual(expected);
});

test("ideal keeps a triangle that greedy breaks for a pair", () => {
  const pairs = ["AB", "BC", "CD", "BD"];
  expect(spaces("greedyClique", "ABCD", ...pairs)).toEqual(["AB", "CD"]);
  expect(spaces("ideal", "ABCD", ...pairs)).toEqual(["A", "BCD"]);
});

test("no members make no spaces", () => {
  for (const formation of OWNER_FORMATIONS) expect(spaces(formation, "")).toEqual([]);
});

interface Graph {
  readonly order: readonly number[];
  readonly linked: (a: number, b: number) => boolean;
}

/** A random graph of at most `max` members, in a random order of joining. */
function graphs(max: number): fc.Arbitrary<Graph> {
  return fc.integer({ min: 1, max }).chain((size) =>
    fc
      .tuple(
        fc.array(fc.boolean(), { minLength: size * size, maxLength: size * size }),
        fc.shuffledSubarray([...Array(size).keys()], { minLength: size, maxLength: size }),
      )
      .map(([cells, order]) => ({
        order,
        linked: (a: number, b: number) => cells[Math.min(a, b) * size + Math.max(a, b)] ?? false,
      })),
  );
}

function form({ order, linked }: Graph, formation: OwnerFormation): number[][] {
  return formOwnerSpaces(formation, order, linked, (member) => member % 3);
}

function pairsOf(space: readonly number[]): [number, number][] {
  return space.flatMap((a, at) => space.slice(at + 1).map((b): [number, number] => [a, b]));
}

function kept({ linked }: Graph, found: readonly (readonly number[])[]): number {
  return found.flatMap(pairsOf).filter(([a, b]) => linked(a, b)).length;
}

/** Most kept pairs over all partitions into cliques, by trying them all. */
function bruteForce(graph: Graph): number {
  const place = (at: number, cliques: readonly (readonly number[])[]): number => {
    const member = graph.order[at];
    if (member === undefined) return kept(graph, cliques);
    const choices = [...cliques.keys()]
      .filter((clique) => cliques[clique]?.every((other) => graph.linked(member, other)))
      .map((clique) => cliques.map((one, index) => (index === clique ? [...one, member] : one)));
    return Math.max(...[...choices, [...cliques, [member]]].map((next) => place(at + 1, next)));
  };
  return place(0, []);
}

describe("for any graph and order", () => {
  test.each(OWNER_FORMATIONS)("%s puts every member in exactly one space", (formation) => {
    fc.assert(
      fc.property(graphs(10), (graph) => {
        const found = form(graph, formation);
        expect(new Set(found.flat())).toEqual(new Set(graph.order));
        expect(found.flat()).toHaveLength(graph.order.length);
        expect(found.every((space) => space.length > 0)).toBe(true);
      }),
    );
  });

  test.each(["greedyClique", "ideal"] as const)("the spaces of %s are cliques", (formation) => {
    fc.assert(
      fc.property(graphs(20), (graph) => {
        for (const [a, b] of form(graph, formation).flatMap(pairsOf)) {
          expect(graph.linked(a, b)).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("ideal keeps at least what greedy keeps in any order", () => {
    fc.assert(
      fc.property(graphs(10), (graph) => {
        expect(kept(graph, form(graph, "ideal"))).toBeGreaterThanOrEqual(
          kept(graph, form(graph, "greedyClique")),
        );
      }),
    );
  });

  test("ideal keeps exactly the most that any partition into cliques keeps", () => {
    fc.assert(
      fc.property(graphs(7), (graph) => {
        expect(kept(graph, form(graph, "ideal"))).toBe(bruteForce(graph));
      }),
    );
  });

  test("ideal beyond the exact size keeps at least what greedy keeps in that order", () => {
    fc.assert(
      fc.property(graphs(24), (graph) => {
        const size = graph.order.length;
        const big = { ...graph, order: [...Array(size).keys()] };
        expect(kept(big, form(big, "ideal"))).toBeGreaterThanOrEqual(
          kept(big, form(big, "greedyClique")),
        );
      }),
      { numRuns: 30 },
    );
  });

  test("transitive keeps every linked pair", () => {
    fc.assert(
      fc.property(graphs(10), (graph) => {
        expect(kept(graph, form(graph, "transitive"))).toBe(kept(graph, [graph.order]));
      }),
    );
  });
});
