// The private interconnect of a machine: an explicit list of links. Nothing is transitive by
// itself: a device forwards nothing, so two devices reach each other over a link of their own or
// through switches, which forward everything.
import type { DmaSpace } from "../pci/dma-address.ts";
import { invariant } from "../invariant-error.ts";
import { type FabricEndKind, FabricLink, type FabricLinkSpec } from "./fabric-link.ts";

/** The way between two ends. */
export interface FabricRoute {
  /** In order from the first end on. */
  readonly links: readonly FabricLink[];
  /** The narrowest link's. */
  readonly bandwidthBytesPerSec: number;
  /** The sum of the links'. */
  readonly latencyPs: number;
}

const NO_LINKS: ReadonlySet<FabricLink> = new Set();

/** Called after a link went down or came back. */
export type FabricListener = (link: FabricLink) => void;

/** All links of a machine. */
export class Fabric {
  readonly links: readonly FabricLink[];
  /** What each end is. */
  readonly ends: ReadonlyMap<string, FabricEndKind>;
  /** Addresses on the links: device memory of all ends side by side. */
  readonly space: DmaSpace = { kind: "fabric", name: "fabric addresses" };
  private readonly byEnd = new Map<string, FabricLink[]>();
  private readonly listeners: FabricListener[] = [];

  constructor(ends: ReadonlyMap<string, FabricEndKind>, links: readonly FabricLinkSpec[]) {
    this.ends = ends;
    this.links = links.map((spec) => new FabricLink(spec));
    for (const link of this.links) {
      for (const end of link.ends) {
        invariant(ends.has(end), `link ${link.name} ends at ${end}, which does not exist`);
        this.byEnd.set(end, [...(this.byEnd.get(end) ?? []), link]);
      }
    }
  }

  /** The links at an end, whether they are up or not. */
  linksAt(end: string): readonly FabricLink[] {
    return this.byEnd.get(end) ?? [];
  }

  /** The link with a name. */
  link(name: string): FabricLink | undefined {
    return this.links.find((link) => link.name === name);
  }

  /**
   * The best way over links that are up: fewest links, then the widest first link. Null when there
   * is none, and for an end and itself.
   * @param without links that may not be used. @defaultValue none
   */
  route(from: string, to: string, without: ReadonlySet<FabricLink> = NO_LINKS): FabricRoute | null {
    if (from === to) return null;
    const cameBy = new Map<string, FabricLink | null>([[from, null]]);
    for (let ring = [from]; ring.length > 0 && !cameBy.has(to); ) {
      const next: string[] = [];
      for (const end of ring) {
        if (end !== from && this.ends.get(end) !== "switch") continue;
        for (const link of this.usableLinks(end)) {
          const other = link.otherEnd(end);
          if (cameBy.has(other) || without.has(link)) continue;
          cameBy.set(other, link);
          next.push(other);
        }
      }
      ring = next;
    }
    return cameBy.has(to) ? routeOf(cameBy, to) : null;
  }

  /**
   * The best way and all others that are as short and have no link in common with those before:
   * what a device that interleaves its accesses over several switches has together.
   */
  parallelRoutes(from: string, to: string): FabricRoute[] {
    const found: FabricRoute[] = [];
    const used = new Set<FabricLink>();
    for (;;) {
      const next = this.route(from, to, used);
      if (next === null || next.links.length > (found[0] ?? next).links.length) return found;
      found.push(next);
      for (const link of next.links) used.add(link);
    }
  }

  /** Whether a way exists now. */
  isLinked(from: string, to: string): boolean {
    return this.route(from, to) !== null;
  }

  /** Takes a link down or up, and tells everybody who listens. */
  setLinkUp(link: FabricLink, isUp: boolean): void {
    if (link.isUp === isUp) return;
    link.isUp = isUp;
    for (const listener of this.listeners) listener(link);
  }

  /** Listens to links that go down or come back. */
  listen(listener: FabricListener): void {
    this.listeners.push(listener);
  }

  private usableLinks(end: string): readonly FabricLink[] {
    return this.linksAt(end)
      .filter(({ isUp }) => isUp)
      .toSorted((a, b) => b.bandwidthBytesPerSec - a.bandwidthBytesPerSec);
  }
}

function routeOf(cameBy: ReadonlyMap<string, FabricLink | null>, to: string): FabricRoute {
  const links: FabricLink[] = [];
  for (let end = to; ; ) {
    const link = cameBy.get(end) ?? null;
    if (link === null) break;
    links.unshift(link);
    end = link.otherEnd(end);
  }
  return {
    links,
    bandwidthBytesPerSec: Math.min(...links.map((link) => link.bandwidthBytesPerSec)),
    latencyPs: links.reduce((sum, link) => sum + link.latencyPs, 0),
  };
}
