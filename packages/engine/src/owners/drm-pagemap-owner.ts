// Owner groups that grow while drivers probe and shrink while they go. Mirrors the owner half of
// drivers/gpu/drm/drm_pagemap_util.c; its lock and the failure of its allocation are left out.
import { checkArgument, createOwnerSpace, type OwnerSpace } from "@faultline/core";

/** What takes part: in xe each pagemap and each VM (`struct drm_pagemap_peer`). */
export interface DrmPagemapPeer {
  /** Null before it has joined and after it has left. */
  owner: OwnerSpace | null;
}

/** One owner and who shares it; it has members as long as it exists. */
export interface DrmPagemapOwnerGroup<Peer extends DrmPagemapPeer> {
  readonly owner: OwnerSpace;
  /** In the order in which they joined. */
  readonly peers: readonly Peer[];
}

interface OpenGroup<Peer> {
  readonly owner: OwnerSpace;
  readonly peers: Peer[];
}

/** All groups of one driver (`struct drm_pagemap_owner_list`), oldest first. */
export class DrmPagemapOwnerList<Peer extends DrmPagemapPeer> {
  private readonly open: OpenGroup<Peer>[] = [];
  private nrOwnersMade = 0;

  get groups(): readonly DrmPagemapOwnerGroup<Peer>[] {
    return this.open;
  }

  /** The first group that admits a newcomer, or a new one at the end. */
  join(peer: Peer, admits: (peers: readonly Peer[]) => boolean): OwnerSpace {
    let group = this.open.find(({ peers }) => admits(peers));
    if (group === undefined) {
      group = { owner: createOwnerSpace(`owner ${this.nrOwnersMade}`), peers: [] };
      this.nrOwnersMade++;
      this.open.push(group);
    }
    group.peers.push(peer);
    return group.owner;
  }

  /** Takes a peer out; a group that is empty then is gone. */
  leave(peer: Peer): boolean {
    const at = this.open.findIndex(({ peers }) => peers.includes(peer));
    const group = this.open[at];
    if (group === undefined) return false;
    group.peers.splice(group.peers.indexOf(peer), 1);
    if (group.peers.length === 0) this.open.splice(at, 1);
    return true;
  }
}

/**
 * Gives a peer its owner: that of the first group in which it is connected to every member, else a
 * new one. Groups never split, merge, or are looked at again when connections change.
 * @param hasInterconnect asked for the newcomer and a member, in this order.
 * @returns 0.
 * @throws ArgumentError when the peer has an owner already.
 * @kernel drivers/gpu/drm/drm_pagemap_util.c drm_pagemap_acquire_owner (v7.2)
 * @differs Allocation does not fail.
 */
export function drmPagemapAcquireOwner<Peer extends DrmPagemapPeer>(
  peer: Peer,
  ownerList: DrmPagemapOwnerList<Peer>,
  hasInterconnect: (newcomer: Peer, member: Peer) => boolean,
): number {
  checkArgument(peer.owner === null, "peer", "it has an owner already");
  peer.owner = ownerList.join(peer, (peers) =>
    peers.every((member) => hasInterconnect(peer, member)),
  );
  return 0;
}

/**
 * Takes a peer out of its group; the owner ends with its last member.
 * @throws ArgumentError when the peer is not in the list.
 * @kernel drivers/gpu/drm/drm_pagemap_util.c drm_pagemap_release_owner (v7.2)
 */
export function drmPagemapReleaseOwner<Peer extends DrmPagemapPeer>(
  peer: Peer,
  ownerList: DrmPagemapOwnerList<Peer>,
): void {
  checkArgument(ownerList.leave(peer), "peer", "it is not in this list");
  peer.owner = null;
}
