// The mirrors of one device, by address space.
import { checkArgument, type MmStruct } from "@faultline/core";
import type { DeviceMirror } from "./device-mirror.ts";

/** Opens and closes mirrors; an address space has at most one. */
export class OpenMirrors<Mirror extends DeviceMirror = DeviceMirror> {
  private readonly byMm = new Map<MmStruct, Mirror>();

  /** The mirror of an address space, made by `create` at first. */
  open(mm: MmStruct, create: () => Mirror): Mirror {
    const known = this.byMm.get(mm);
    // A process closes its devices after its address space has ended.
    if (known !== undefined) return known;
    checkArgument(mm.isAlive, "mm", `address space ${mm.mmId} has ended`);
    const mirror = create();
    this.byMm.set(mm, mirror);
    return mirror;
  }

  /** The mirror of an address space; undefined when none is open. */
  of(mm: MmStruct): Mirror | undefined {
    return this.byMm.get(mm);
  }

  /** All open mirrors, in order of opening. */
  all(): Iterable<Mirror> {
    return this.byMm.values();
  }

  /** Closes a mirror. */
  close(mirror: DeviceMirror): void {
    const isOpen = this.byMm.get(mirror.mm) === mirror;
    checkArgument(isOpen, "mirror", "it is closed already");
    this.byMm.delete(mirror.mm);
    mirror.close();
  }
}
