// A way over links, on which actors transfer bytes.
import type { Actor } from "../actor/actor.ts";
import type { Pause } from "../actor/pause.ts";
import { WAIT_LINK } from "../wait/wait-kinds.ts";
import { WaitStats } from "../wait/wait-stats.ts";
import type { Waitable } from "../wait/waitable.ts";
import type { LinkSet } from "./link-set.ts";
import type { FlowClass } from "./flow-class.ts";

/** A route; made by `links.route()`. A transfer is work, and what sharing adds to it is a wait. */
export class Route implements Waitable {
  readonly name: string;
  readonly kind: number = WAIT_LINK;
  readonly isWork = true;
  /** What transfers took longer than they would have alone; those that did not are not counted. */
  readonly stats: WaitStats = new WaitStats();
  /** Runs of lanes that are passed at once. @internal */
  readonly segments: readonly FlowClass[];
  private readonly links: LinkSet;

  /** @internal */
  constructor(links: LinkSet, name: string, segments: readonly FlowClass[]) {
    this.links = links;
    this.name = name;
    this.segments = segments;
  }

  /**
   * Sends bytes: `const code = yield route.transfer(self, 4096)`. The code is WAIT_OK when the last
   * byte has arrived, or WAIT_LINK_DOWN.
   */
  transfer(self: Actor, sizeBytes: number): Pause {
    return this.links.begin(this, self, sizeBytes);
  }

  /** Sum of the latencies of all hops. */
  get latencyPs(): number {
    const lanes = this.segments.flatMap((segment) => segment.lanes);
    return lanes.reduce((sum, lane) => sum + lane.latencyPs, 0);
  }

  label(): string {
    const lanes = this.segments.flatMap((segment) => segment.lanes);
    const down = lanes.filter((lane) => lane.down !== null).map(({ name }) => name);
    const why = down.length === 0 ? "" : ` (down: ${down.join(", ")})`;
    return `a transfer over ${this.name}${why}`;
  }

  holders(): readonly Actor[] {
    return [];
  }

  abandon(waiter: Actor, isGranted: boolean): void {
    if (!isGranted) this.links.abandon(waiter);
  }
}
