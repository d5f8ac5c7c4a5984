// What all xe devices of a machine share: the list of owner groups, in which pagemaps and VMs are
// peers, and the lock that serialises migrations after two have raced. Mirrors the module-wide
// parts of drivers/gpu/drm/xe/xe_svm.c.
import {
  createOwnerSpace,
  DriverRwLock,
  type MachineDevice,
  type OwnerSpace,
} from "@faultline/core";
import {
  type DeviceSystem,
  drmPagemapAcquireOwner,
  DrmPagemapOwnerList,
  type DrmPagemapPeer,
  drmPagemapReleaseOwner,
  pciP2pdmaDistance,
} from "@faultline/engine";
import type { XeStack } from "./xe-stack.ts";

/** A pagemap or a VM, with the device it belongs to. */
export interface XePeer extends DrmPagemapPeer {
  readonly device: MachineDevice;
}

/** One loaded driver. */
export class XeDriver {
  readonly system: DeviceSystem;
  readonly stacks: XeStack[] = [];
  /** Held to read by whoever migrates to a card, and to write by who has raced with another. */
  readonly migrationLock: DriverRwLock = new DriverRwLock("xe's migration lock");
  private readonly owners = new DrmPagemapOwnerList<XePeer>();
  /** Owners that the design `owner.formation` gives, in place of the driver's own groups. */
  private readonly given: ReadonlyMap<MachineDevice, OwnerSpace>;

  constructor(system: DeviceSystem, given: ReadonlyMap<MachineDevice, OwnerSpace> = new Map()) {
    this.system = system;
    this.given = given;
  }

  /** A new peer in its group. */
  join(device: MachineDevice): XePeer {
    const peer: XePeer = { device, owner: null };
    const given = this.given.get(device);
    if (given !== undefined) {
      peer.owner = given;
      return peer;
    }
    drmPagemapAcquireOwner(peer, this.owners, (newcomer, member) =>
      this.hasInterconnect(newcomer.device, member.device),
    );
    return peer;
  }

  /** A peer ends. */
  leave(peer: XePeer): void {
    if (this.given.has(peer.device)) peer.owner = null;
    else drmPagemapReleaseOwner(peer, this.owners);
  }

  /** The owner of a peer that has joined. */
  ownerOf({ owner }: XePeer): OwnerSpace {
    return owner ?? createOwnerSpace("nobody");
  }

  /** The stack of a device. */
  stackOf(device: MachineDevice): XeStack | undefined {
    return this.stacks.find(({ attached }) => attached.device === device);
  }

  /** The same by the device's name. */
  stackNamed(name: string): XeStack | undefined {
    return this.stacks.find(({ attached }) => attached.device.name === name);
  }

  /**
   * The same device, or a distance between the two that is not negative.
   * @kernel drivers/gpu/drm/xe/xe_svm.c xe_has_interconnect (v7.2)
   * @differs memory that no BAR shows is no peer's; the kernel would not look, nor meet any.
   */
  private hasInterconnect(a: MachineDevice, b: MachineDevice): boolean {
    if (a === b) return true;
    const isShown = [a, b].every(({ memory }) => memory === null || memory.window !== null);
    const provider = a.initiators[0];
    const client = b.initiators[0];
    if (!isShown || provider === undefined || client === undefined) return false;
    return pciP2pdmaDistance(this.system.machine.pci, provider, client.dev) >= 0;
  }
}
