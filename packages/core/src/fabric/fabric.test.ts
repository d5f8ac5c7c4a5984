import { describe, expect, test } from "vitest";
import { Fabric } from "./fabric.ts";
import type { FabricEndKind } from "./fabric-link.ts";

const GB = 1_000_000_000;

function link(a: string, b: string, bandwidthBytesPerSec = 50 * GB, latencyPs = 1000) {
  const kind = "xgmi" as const;
  return {
    name: `${a}-${b}`,
    kind,
    ends: [a, b] as const,
    width: 16,
    bandwidthBytesPerSec,
    latencyPs,
  };
}

function fabric(ends: Record<string, FabricEndKind>, ...links: ReturnType<typeof link>[]): Fabric {
  return new Fabric(new Map(Object.entries(ends)), links);
}

const DEVICES = { a: "device", b: "device", c: "device" } as const;

describe("routes", () => {
  test("a device forwards nothing: a-b and b-c make no way from a to c", () => {
    const chain = fabric(DEVICES, link("a", "b"), link("b", "c"));
    expect(chain.isLinked("a", "b")).toBe(true);
    expect(chain.route("a", "c")).toBe(null);
    expect(chain.route("a", "a")).toBe(null);
  });

  test("a switch forwards: the narrowest link bounds, latencies add", () => {
    const star = fabric(
      { ...DEVICES, s: "switch" },
      link("a", "s", 100 * GB, 700),
      link("s", "b", 40 * GB, 300),
    );
    const route = star.route("a", "b");
    expect(route?.links.map(({ name }) => name)).toEqual(["a-s", "s-b"]);
    expect(route).toMatchObject({ bandwidthBytesPerSec: 40 * GB, latencyPs: 1000 });
  });

  test("of two links between the same ends the wider one carries", () => {
    const double = fabric(DEVICES, link("a", "b", GB), { ...link("b", "a", 2 * GB), name: "wide" });
    expect(double.route("a", "b")?.links.map(({ name }) => name)).toEqual(["wide"]);
  });
});

describe("parallel routes", () => {
  test("go through each switch that both ends have, the widest first", () => {
    const two = fabric(
      { ...DEVICES, s: "switch", t: "switch" },
      link("a", "s", 40 * GB),
      link("s", "b", 40 * GB),
      link("a", "t", 50 * GB),
      link("t", "b", 30 * GB),
    );
    const found = two.parallelRoutes("a", "b");
    expect(found.map(({ links }) => links.map(({ name }) => name))).toEqual([
      ["a-t", "t-b"],
      ["a-s", "s-b"],
    ]);
    expect(found.map(({ bandwidthBytesPerSec }) => bandwidthBytesPerSec / GB)).toEqual([30, 40]);
  });

  test("beside a direct link there is none, and without a way there is none at all", () => {
    const some = fabric(
      { ...DEVICES, s: "switch" },
      link("a", "b"),
      link("a", "s"),
      link("s", "b"),
    );
    expect(some.parallelRoutes("a", "b")).toHaveLength(1);
    expect(some.parallelRoutes("a", "c")).toEqual([]);
    expect(some.parallelRoutes("a", "a")).toEqual([]);
  });
});

test("a link that is down carries nothing, and who listens is told once for each change", () => {
  const pair = fabric(DEVICES, link("a", "b"));
  const heard: string[] = [];
  pair.listen(({ name, isUp }) => heard.push(`${name} ${isUp ? "up" : "down"}`));
  const only = pair.link("a-b");
  if (only === undefined) throw new Error("no link");
  pair.setLinkUp(only, false);
  pair.setLinkUp(only, false);
  expect(pair.isLinked("a", "b")).toBe(false);
  pair.setLinkUp(only, true);
  expect(pair.isLinked("b", "a")).toBe(true);
  expect(heard).toEqual(["a-b down", "a-b up"]);
});

test("a link to an end that does not exist is our bug", () => {
  expect(() => fabric(DEVICES, link("a", "x"))).toThrow("link a-x ends at x");
});
