import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  drmPagemapAcquireOwner,
  DrmPagemapOwnerList,
  type DrmPagemapPeer,
  drmPagemapReleaseOwner,
} from "./drm-pagemap-owner.ts";

interface Peer extends DrmPagemapPeer {
  readonly name: string;
}

/** A list whose peers are connected as the pairs say, and a way to let peers join. */
function listOf(...pairs: readonly string[]) {
  const list = new DrmPagemapOwnerList<Peer>();
  const asked: string[] = [];
  const isConnected = (a: Peer, b: Peer): boolean => {
    asked.push(a.name + b.name);
    return pairs.includes(a.name + b.name) || pairs.includes(b.name + a.name);
  };
  const join = (name: string): Peer => {
    const peer: Peer = { name, owner: null };
    expect(drmPagemapAcquireOwner(peer, list, isConnected)).toBe(0);
    return peer;
  };
  const groups = (): string[] =>
    list.groups.map(({ peers }) => peers.map(({ name }) => name).join(""));
  return { list, join, groups, asked };
}

describe("a peer that joins", () => {
  test("shares the owner of the first group in which it reaches every member", () => {
    const { join, groups } = listOf("AB", "CD", "EC", "ED", "EA");
    const [a, b, c, d, e] = ["A", "B", "C", "D", "E"].map(join);
    expect(groups()).toEqual(["AB", "CDE"]);
    expect(b?.owner).toBe(a?.owner);
    expect(e?.owner).toBe(d?.owner);
    expect(c?.owner).not.toBe(a?.owner);
  });

  test("founds a group at the end where it fits none: B shares with A, so C is alone", () => {
    const { join, groups } = listOf("AB", "BC");
    for (const name of ["A", "B", "C"]) join(name);
    expect(groups()).toEqual(["AB", "C"]);
  });

  test("is asked for itself and each member until one answers no", () => {
    const { join, asked } = listOf("AB");
    for (const name of ["A", "B", "C"]) join(name);
    expect(asked).toEqual(["BA", "CA"]);
  });

  test("cannot join twice", () => {
    const { list, join } = listOf();
    const peer = join("A");
    expect(() => drmPagemapAcquireOwner(peer, list, () => true)).toThrow("peer: it has an owner");
  });
});

describe("a peer that leaves", () => {
  test("takes the owner with it when it was the last", () => {
    const { list, join, groups } = listOf("AB");
    const a = join("A");
    const first = a.owner;
    drmPagemapReleaseOwner(a, list);
    expect([a.owner, groups()]).toEqual([null, []]);
    expect(join("A").owner).not.toBe(first);
  });

  test("does not bring groups together that only it kept apart", () => {
    const { list, join, groups } = listOf("AB", "BC", "AD", "CD");
    const [, b] = ["A", "B", "C", "D"].map(join);
    expect(groups()).toEqual(["AB", "CD"]);
    drmPagemapReleaseOwner(b as Peer, list);
    expect(groups()).toEqual(["A", "CD"]);
  });

  test("leaves room: a VM may fit an earlier group than its own device's pagemap did", () => {
    // The pagemap of C could not join A and B; once B is gone, a VM of C joins A.
    const { list, join, groups } = listOf("AB", "AC", "AV", "CV");
    const [, b, c] = ["A", "B", "C"].map(join);
    drmPagemapReleaseOwner(b as Peer, list);
    const vm = join("V");
    expect(groups()).toEqual(["AV", "C"]);
    expect(vm.owner).not.toBe(c?.owner);
  });

  test("must be in the list", () => {
    const { list } = listOf();
    expect(() => drmPagemapReleaseOwner({ name: "A", owner: null }, list)).toThrow("peer: ");
  });
});

describe("whatever joins and leaves", () => {
  const NR_DEVICES = 8;
  const links = fc.uniqueArray(fc.integer({ min: 0, max: NR_DEVICES * NR_DEVICES - 1 }));
  const events = fc.array(fc.integer({ min: 0, max: NR_DEVICES - 1 }), { maxLength: 60 });

  test("groups are cliques with members, and nobody changes its owner", () => {
    fc.assert(
      fc.property(links, events, (cells, devices) => {
        const isConnected = (a: Peer, b: Peer): boolean =>
          [
            Number(a.name) * NR_DEVICES + Number(b.name),
            Number(b.name) * NR_DEVICES + Number(a.name),
          ].some((cell) => cells.includes(cell));
        const list = new DrmPagemapOwnerList<Peer>();
        const present = new Map<number, { peer: Peer; owner: Peer["owner"] }>();
        // An event is a device that joins, or leaves where it is there already.
        for (const device of devices) {
          const known = present.get(device);
          if (known === undefined) {
            const peer: Peer = { name: String(device), owner: null };
            drmPagemapAcquireOwner(peer, list, isConnected);
            present.set(device, { peer, owner: peer.owner });
          } else {
            drmPagemapReleaseOwner(known.peer, list);
            present.delete(device);
          }
          for (const { owner, peers } of list.groups) {
            expect(peers.length).toBeGreaterThan(0);
            for (const [at, peer] of peers.entries()) {
              expect(peer.owner).toBe(owner);
              expect(peers.slice(at + 1).every((other) => isConnected(peer, other))).toBe(true);
            }
          }
          for (const { peer, owner } of present.values()) expect(peer.owner).toBe(owner);
          const members = list.groups.flatMap(({ peers }) => peers);
          expect(members).toHaveLength(present.size);
        }
      }),
    );
  });
});
