// What madvise sets on ranges of a VM: where pages should be, and who does atomic operations.
// Mirrors drivers/gpu/drm/xe/xe_vm_madvise.c.
import type { MachineDevice } from "@faultline/core";
import type { PageRange } from "../device/device-stack.ts";

/** Attributes of a page. */
export interface XeAttributes {
  readonly preferredLocation: "default" | "system" | MachineDevice;
  readonly atomic: "undefined" | "device" | "global" | "cpu";
}

const DEFAULTS: XeAttributes = { preferredLocation: "default", atomic: "undefined" };

/** The attributes of one VM; what was set last wins. */
export class XeAttributeMap {
  private readonly set: { readonly range: PageRange; readonly change: Partial<XeAttributes> }[] =
    [];

  /** Sets attributes of a range. */
  change(range: PageRange, change: Partial<XeAttributes>): void {
    this.set.unshift({ range, change });
  }

  /** The attributes of a page. */
  at(page: number): XeAttributes {
    const covering = this.set.filter(
      ({ range }) => page >= range.start && page < range.start + range.nrPages,
    );
    return Object.assign({}, DEFAULTS, ...covering.toReversed().map(({ change }) => change));
  }
}
