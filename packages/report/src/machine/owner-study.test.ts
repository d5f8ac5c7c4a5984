import { describe, expect, test } from "vitest";
import { smallMachine } from "../test-kit/small-machine.ts";
import { ownerStudy } from "./owner-study.ts";

const chain = smallMachine({
  devices: ["a", "b", "nic", "c"],
  links: ["a-b 50", "b-c 50", "c-nic 50"],
});

describe("a study of owner spaces", () => {
  test("is about devices with memory", () => {
    expect(ownerStudy(chain)).toMatchObject({ devices: ["a", "b", "c"], nrConnected: 2 });
  });

  test("has every formation unless it is asked for some", () => {
    expect(ownerStudy(chain).formations.map(({ formation }) => formation)).toEqual([
      "perDevice",
      "hive",
      "greedyClique",
      "transitive",
      "global",
      "ideal",
    ]);
    const [one, ...others] = ownerStudy(chain, { formations: ["greedyClique"] }).formations;
    expect(others).toEqual([]);
    expect(one?.given.spaces).toEqual([["a", "b"], ["c"]]);
  });

  test("takes hives from the devices", () => {
    const machine = smallMachine({
      devices: ["a", "b", "c"],
      links: ["a-b 50"],
      changes: { a: { hive: "h" }, b: { hive: "h" } },
    });
    const [hive] = ownerStudy(machine, { formations: ["hive"] }).formations;
    expect(hive?.given).toMatchObject({ spaces: [["a", "b"], ["c"]], nrKept: 1 });
  });

  test("by PCI peer DMA asks what xe asks, whatever links there are", () => {
    expect(ownerStudy(chain, { connectedBy: "p2p" }).nrConnected).toBe(3);
    const refused = smallMachine({ host: "none", devices: ["a", "b"], links: ["a-b 50"] });
    expect(ownerStudy(refused, { connectedBy: "p2p" }).nrConnected).toBe(0);
    expect(ownerStudy(refused).nrConnected).toBe(1);
  });

  test("says when ideal is a lower bound only", () => {
    const devices = Array.from({ length: 18 }, (_, n) => `d${n}`);
    const links = devices.slice(1).map((name, n) => `d${n}-${name} 50`);
    const options = { formations: ["ideal"] } as const;
    expect(ownerStudy(smallMachine({ devices, links }), options).idealIsExact).toBe(false);
    const two = smallMachine({ devices, links: links.toSpliced(8, 1) });
    expect(ownerStudy(two, options).idealIsExact).toBe(true);
  });
});
