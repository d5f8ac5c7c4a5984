// Which devices share an owner space, under each formation: the end state after all have joined.
import { ConnectionMatrix } from "./connection-matrix.ts";
import {
  drmPagemapAcquireOwner,
  DrmPagemapOwnerList,
  type DrmPagemapPeer,
} from "./drm-pagemap-owner.ts";
import { idealCliques } from "./ideal-cliques.ts";
import type { OwnerFormation } from "./owner-formation.ts";

/**
 * Partitions members into spaces.
 * @param members in the order in which their drivers probe.
 * @param isConnected whether a newcomer reaches an earlier member; asked for each pair at most
 * once, and taken to hold both ways.
 * @param hiveOf the hive of a member, by identity; null for none.
 * @returns spaces in the order in which they were founded, members in join order. `ideal` is exact
 * as long as no connected component has more than {@link MAX_EXACT_MEMBERS} members.
 */
export function formOwnerSpaces<Member>(
  formation: OwnerFormation,
  members: readonly Member[],
  isConnected: (a: Member, b: Member) => boolean,
  hiveOf: (member: Member) => unknown,
): Member[][] {
  const connections = (): ConnectionMatrix =>
    new ConnectionMatrix(members.length, (a, b) =>
      isConnected(members[b] as Member, members[a] as Member),
    );
  const byNumber = (spaces: readonly (readonly number[])[]): Member[][] =>
    spaces.map((space) => space.map((member) => members[member] as Member));
  switch (formation) {
    case "perDevice":
      return members.map((member) => [member]);
    case "hive":
      return hives(members, hiveOf);
    case "greedyClique":
      return greedyCliques(members, isConnected);
    case "transitive":
      return byNumber(connections().components());
    case "global":
      return members.length === 0 ? [] : [[...members]];
    case "ideal":
      return byNumber(idealCliques(connections()));
  }
}

function hives<Member>(
  members: readonly Member[],
  hiveOf: (member: Member) => unknown,
): Member[][] {
  const spaces = new Map<unknown, Member[]>();
  for (const [at, member] of members.entries()) {
    const hive = hiveOf(member) ?? null;
    const key = hive ?? { alone: at };
    const space = spaces.get(key);
    if (space === undefined) spaces.set(key, [member]);
    else space.push(member);
  }
  return [...spaces.values()];
}

interface JoiningPeer<Member> extends DrmPagemapPeer {
  readonly member: Member;
}

/** The kernel's own code path, run for all members in turn. */
function greedyCliques<Member>(
  members: readonly Member[],
  isConnected: (a: Member, b: Member) => boolean,
): Member[][] {
  const list = new DrmPagemapOwnerList<JoiningPeer<Member>>();
  for (const member of members) {
    const peer: JoiningPeer<Member> = { member, owner: null };
    drmPagemapAcquireOwner(peer, list, (newcomer, other) =>
      isConnected(newcomer.member, other.member),
    );
  }
  return list.groups.map(({ peers }) => peers.map(({ member }) => member));
}
