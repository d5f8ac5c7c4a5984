// What madvise sets on ranges of a VM: where pages should be, who does atomic operations, how they
// are cached. Mirrors the attributes of struct xe_vma and drivers/gpu/drm/xe/xe_vm_madvise.c.
import type { MachineDevice } from "@faultline/core";
import type { PageRange } from "../device/device-stack.ts";

/** Attributes of a page. */
export interface XeAttributes {
  readonly preferredLocation: "default" | "system" | MachineDevice;
  readonly atomic: "undefined" | "device" | "global" | "cpu";
  /** Stored; 7.2 does not act upon it. */
  readonly migrationPolicy: "all" | "onlySystem";
  /** Index into the page attribute table: how the device caches the page. */
  readonly patIndex: number;
}

/** What nobody has set. */
export const DEFAULT_XE_ATTRIBUTES: XeAttributes = {
  preferredLocation: "default",
  atomic: "undefined",
  migrationPolicy: "all",
  patIndex: 0,
};

/** One GPU VMA that is not as new; between them lies what nobody ever advised. */
interface Segment extends PageRange {
  readonly attributes: XeAttributes;
}

const END_OF_SPACE = 2 ** 45;

/** The attributes of one VM. Advice cuts the space where it begins and ends, for good. */
export class XeAttributeMap {
  /** In ascending order, without overlaps. */
  private segments: Segment[] = [];

  /** The attributes of a page. */
  at(page: number): XeAttributes {
    return this.segmentAt(page)?.attributes ?? DEFAULT_XE_ATTRIBUTES;
  }

  /** The GPU VMA of a page: the pages around it that no advice has cut off from it. */
  vmaOf(page: number): { readonly first: number; readonly end: number } {
    let first = 0;
    for (const segment of this.segments) {
      if (segment.start > page) return { first, end: segment.start };
      const end = endOf(segment);
      if (page < end) return { first: segment.start, end };
      first = end;
    }
    return { first, end: END_OF_SPACE };
  }

  /**
   * Sets attributes of a range.
   * @returns whether any page has other attributes than before.
   */
  change(range: PageRange, change: Partial<XeAttributes>): boolean {
    this.cut(range.start);
    this.cut(range.start + range.nrPages);
    let isChanged = false;
    const pieces = this.piecesOf(range).map((piece) => {
      const attributes = { ...piece.attributes, ...change };
      isChanged ||= !isSame(attributes, piece.attributes);
      return { ...piece, attributes };
    });
    this.replace(range, pieces);
    return isChanged;
  }

  /** A range is as new again, and one with what is new beside it. */
  reset(range: PageRange): void {
    this.cut(range.start);
    this.cut(range.start + range.nrPages);
    this.replace(range, []);
  }

  private segmentAt(page: number): Segment | undefined {
    return this.segments.find((one) => page >= one.start && page < endOf(one));
  }

  private cut(page: number): void {
    const own = this.segmentAt(page);
    if (own === undefined || own.start === page) return;
    const { start, attributes } = own;
    const left = { start, nrPages: page - start, attributes };
    const right = { start: page, nrPages: endOf(own) - page, attributes };
    this.replace(own, [left, right]);
  }

  /** The range as segments, those between the known ones with default attributes. */
  private piecesOf(range: PageRange): Segment[] {
    const pieces: Segment[] = [];
    for (let page = range.start; page < endOf(range); ) {
      const end = Math.min(this.vmaOf(page).end, endOf(range));
      pieces.push({ start: page, nrPages: end - page, attributes: this.at(page) });
      page = end;
    }
    return pieces;
  }

  private replace(range: PageRange, by: readonly Segment[]): void {
    const isOutside = (one: Segment): boolean =>
      endOf(one) <= range.start || one.start >= endOf(range);
    const kept = [...this.segments.filter(isOutside), ...by];
    this.segments = kept.toSorted((a, b) => a.start - b.start);
  }
}

function endOf({ start, nrPages }: PageRange): number {
  return start + nrPages;
}

function isSame(a: XeAttributes, b: XeAttributes): boolean {
  return (
    a.preferredLocation === b.preferredLocation &&
    a.atomic === b.atomic &&
    a.migrationPolicy === b.migrationPolicy &&
    a.patIndex === b.patIndex
  );
}
