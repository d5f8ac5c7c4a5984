// Which links copies between memories share. A device's own PCIe link carries, in each direction,
// what its profile says of copies to it and from it; the link above a switch carries what the
// fastest device below takes alone, which is assumed; private links carry what the machine says.
// Between CPUs' nodes nothing is shared: CPUs copy there.
import {
  EFFORT_PLACE_DEVICE,
  type FabricLink,
  type Machine,
  type MachineDevice,
  type PciDev,
} from "@faultline/core";
import type { CopyPath } from "@faultline/profiles";
import type { Sim } from "../actor/sim.ts";
import type { Lane } from "../link/lane.ts";
import { LinkSet } from "../link/link-set.ts";
import type { PriceSheet } from "../price/price-sheet.ts";
import { CopyRoute } from "./copy-route.ts";

const MEGABYTE = 1_000_000;

/** One link of a machine as a report shows it. */
export interface MachineLink {
  /** The device's, for its own PCIe link; the switch's; `gpu0-gpu1` for a private link. */
  readonly name: string;
  /** Towards the device; from the first end to the second of a private link. */
  readonly there: Lane;
  readonly back: Lane;
}

/** All links of a machine that copies take. */
export class CopyRoutes {
  readonly links: LinkSet;
  private readonly machine: Machine;
  private readonly sheets: readonly PriceSheet[];
  private readonly byName = new Map<string, MachineLink>();
  private readonly engines = new Map<MachineDevice, Lane>();
  private readonly known = new Map<number, CopyRoute | null>();

  /** @param sheets prices of the devices, by their position in the machine. */
  constructor(sim: Sim, machine: Machine, sheets: readonly PriceSheet[]) {
    this.links = new LinkSet(sim);
    this.machine = machine;
    this.sheets = sheets;
    // What is under way over a link that goes down arrives; what follows goes another way.
    machine.fabric.listen(() => this.known.clear());
  }

  /** Links that a copy has taken so far, by name; their counters are brought up to now. */
  machineLinks(): MachineLink[] {
    this.links.settle();
    return [...this.byName.values()];
  }

  /** The way between two places of the effort log; null where a copy takes no lane. */
  of(path: CopyPath, from: number, to: number): CopyRoute | null {
    const key = from * 2 ** 13 + to;
    let route = this.known.get(key);
    if (route === undefined) {
      route = this.find(path, from, to);
      this.known.set(key, route);
    }
    return route;
  }

  private find(path: CopyPath, from: number, to: number): CopyRoute | null {
    const { devices } = this.machine;
    const source = devices[from - EFFORT_PLACE_DEVICE];
    const target = devices[to - EFFORT_PLACE_DEVICE];
    const copier = source ?? target;
    if (copier === undefined) return null;
    const rate = this.rateOf(copier, path);
    const lanes = this.lanesBetween(source, target, rate);
    if (lanes.length === 0) return null;
    const name = `${source?.name ?? "system"} to ${target?.name ?? "system"}`;
    return new CopyRoute(this.links.route(name, lanes), rate);
  }

  private lanesBetween(
    source: MachineDevice | undefined,
    target: MachineDevice | undefined,
    rate: number,
  ): Lane[] {
    if (source === undefined || target === undefined) {
      return [...this.upFrom(source), ...this.downTo(target)];
    }
    // A profile that says nothing of peers leaves it to the links between them.
    const engine = rate === 0 ? [] : [this.engineOf(source, rate)];
    const hops = this.machine.fabric.route(source.name, target.name)?.links;
    if (hops !== undefined) return [...engine, ...this.lanesOfHops(hops, source.name)];
    const up = this.upFrom(source);
    const down = this.downTo(target);
    // Below a switch that both share, peers do not come by its uplink.
    const shared = new Set(up.map((lane) => this.oppositeOf(lane)).filter((l) => down.includes(l)));
    const isOwn = (lane: Lane): boolean => !shared.has(lane) && !shared.has(this.oppositeOf(lane));
    return [...engine, ...up.filter(isOwn), ...down.filter(isOwn)];
  }

  private lanesOfHops(hops: readonly FabricLink[], from: string): Lane[] {
    let end = from;
    return hops.map((hop) => {
      const rate = toRate(hop.bandwidthBytesPerSec);
      const link = this.linkNamed(hop.name, rate, rate);
      const lane = hop.ends[0] === end ? link.there : link.back;
      end = hop.otherEnd(end);
      return lane;
    });
  }

  /** From a device up to its root port. */
  private upFrom(device: MachineDevice | undefined): Lane[] {
    return this.pciLinksOf(device).map(({ back }) => back);
  }

  /** From the root port down to a device. */
  private downTo(device: MachineDevice | undefined): Lane[] {
    return this.pciLinksOf(device)
      .map(({ there }) => there)
      .toReversed();
  }

  /** A device's own link first, then those above the switches over it. */
  private pciLinksOf(device: MachineDevice | undefined): MachineLink[] {
    if (device === undefined) return [];
    const links = [this.linkAbove(device.name, [device])];
    for (let at = device.initiators[0]?.upstream ?? null; at !== null; at = at.upstream) {
      if (at.kind === "switch-upstream") links.push(this.linkAbove(at.path, this.devicesBelow(at)));
    }
    return links.filter((link) => link !== null);
  }

  private devicesBelow(port: PciDev): MachineDevice[] {
    return this.machine.devices.filter(({ initiators }) => {
      for (let at = initiators[0]?.upstream ?? null; at !== null; at = at.upstream) {
        if (at === port) return true;
      }
      return false;
    });
  }

  /** Carries what the fastest of the devices takes alone; null where copies take no time. */
  private linkAbove(name: string, devices: readonly MachineDevice[]): MachineLink | null {
    const there = Math.max(...devices.map((device) => this.rateOf(device, "to_device")));
    const back = Math.max(...devices.map((device) => this.rateOf(device, "to_system")));
    return there === 0 || back === 0 ? null : this.linkNamed(name, there, back);
  }

  private rateOf(device: MachineDevice, path: CopyPath): number {
    return toRate(this.sheets[device.index]?.bestRate(path) ?? 0);
  }

  /** What a device's engines push to peers. */
  private engineOf(device: MachineDevice, rate: number): Lane {
    let engine = this.engines.get(device);
    if (engine === undefined) {
      engine = this.lane(`engine of ${device.name}`, rate);
      this.engines.set(device, engine);
    }
    return engine;
  }

  private linkNamed(name: string, thereRate: number, backRate: number): MachineLink {
    let link = this.byName.get(name);
    if (link === undefined) {
      const there = this.lane(`${name} there`, thereRate);
      link = { name, there, back: this.lane(`${name} back`, backRate) };
      this.byName.set(name, link);
    }
    return link;
  }

  /** Latencies are part of what a copy is priced at beside its bytes. */
  private lane(name: string, megabytesPerSec: number): Lane {
    return this.links.link({ name, megabytesPerSec, latencyPs: 0, isDuplex: false }).there;
  }

  private oppositeOf(lane: Lane): Lane {
    for (const { there, back } of this.byName.values()) {
      if (lane === there) return back;
      if (lane === back) return there;
    }
    return lane;
  }
}

/** Whole, and never less than what it stands for. */
function toRate(bytesPerSecond: number): number {
  return Math.min(2 ** 27, Math.ceil(bytesPerSecond / MEGABYTE));
}
