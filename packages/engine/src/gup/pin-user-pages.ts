// pin_user_pages: frames that stay put while a device or the kernel uses them. Mirrors mm/gup.c.
import { EAGAIN, EBUSY, type MmStruct, type TaskStruct, type World } from "@faultline/core";
import { checkRange } from "../check-arguments.ts";
import { folioReleaseIfUnused } from "../folio/folio-alloc.ts";
import { isDeviceCoherentPfn } from "../folio/folio-count.ts";
import { migrateDeviceCoherentFolio } from "./migrate-device-coherent-folio.ts";
import { getUserPages, isZeroFolio } from "./get-user-pages.ts";
import { FOLL_LONGTERM, FOLL_PIN, FOLL_WRITE } from "./gup-flags.ts";

/** What to pin pages for. */
export interface PinRequest {
  /** The holder writes to the pages. */
  readonly write: boolean;
  /** The pin may last: device memory that must stay movable is left first. */
  readonly longterm: boolean;
}

/** Pinned frames in address order; `rc` is their number, or a negative errno and none is held. */
export interface PinnedPages {
  readonly rc: number;
  readonly pfns: readonly number[];
}

/**
 * Pins `[start, start + nrPages)`, or fewer pages when a later one cannot be pinned. A read-only
 * pin of a shared page first gives the mm a page of its own.
 * @returns GUP_WAIT in `rc` when the call has to be made again.
 * @kernel mm/gup.c pin_user_pages (v7.2)
 * @kernelpart mm/gup.c __gup_longterm_locked (v7.2) moving what must not stay where it is
 */
export function pinUserPages(
  world: World,
  task: TaskStruct,
  mm: MmStruct,
  start: number,
  nrPages: number,
  request: PinRequest,
): PinnedPages {
  checkRange(start, nrPages);
  let flags = FOLL_PIN;
  if (request.write) flags |= FOLL_WRITE;
  if (request.longterm) flags |= FOLL_LONGTERM;
  mm.hasPinned = true;
  for (;;) {
    const pfns: number[] = [];
    const rc = getUserPages(world, task, mm, start, nrPages, flags, pfns);
    if (rc < 0) {
      unpinUserPages(world, pfns);
      return { rc, pfns: [] };
    }
    if (!request.longterm) return { rc, pfns };
    const moved = migrateLongtermUnpinnable(world, task, pfns);
    if (moved === 0) return { rc, pfns };
    if (moved !== -EAGAIN) return { rc: moved, pfns: [] };
  }
}

/** @kernel mm/gup.c unpin_user_pages (v7.2) */
export function unpinUserPages(world: World, pfns: readonly number[]): void {
  for (const pfn of pfns) {
    const head = world.frames.head(pfn);
    if (isZeroFolio(world, head)) continue;
    world.frames.addPins(head, -1);
    folioReleaseIfUnused(world, head);
  }
}

/**
 * Moves pages that must not be pinned for long to system memory. All pins are dropped for that.
 * @returns 0 when every page may stay, -EAGAIN when the pages have to be looked up again, -EBUSY
 * when one of them could not be moved.
 * @kernel mm/gup.c check_and_migrate_movable_pages (v7.2)
 */
function migrateLongtermUnpinnable(
  world: World,
  task: TaskStruct,
  pfns: readonly number[],
): number {
  const coherent = pfns.filter((pfn) => isDeviceCoherentPfn(world, pfn));
  if (coherent.length === 0) return 0;
  unpinUserPages(world, pfns);
  for (const pfn of coherent) {
    world.recorder?.note("pin-leaves-device", 0, pfn, 1);
    if (migrateDeviceCoherentFolio(world, task, world.frames.head(pfn)) !== 0) return -EBUSY;
  }
  return -EAGAIN;
}
