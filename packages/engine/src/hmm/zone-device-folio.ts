// Device memory pages becoming folios and ceasing to be. Mirrors zone_device_page_init and
// free_zone_device_folio of mm/memremap.c; a driver calls both from its own allocator.
import {
  EFFORT_FOLIO_ALLOC,
  FRAME_CHUNK_SIZE,
  FRAME_FREE,
  FRAME_ORDER_MASK,
  type World,
} from "@faultline/core";
import { prepareLargeFolio } from "../folio/folio-alloc.ts";
import { placeOf } from "../folio/place.ts";

const FRAME_INDEX: number = FRAME_CHUNK_SIZE - 1;

/**
 * Makes `2^order` free device pages one folio, not mapped and not referenced yet.
 * @kernel mm/memremap.c zone_device_page_init (v7.2)
 */
export function zoneDevicePageInit(world: World, head: number, order: number): void {
  if (order > 0) {
    prepareLargeFolio(world, head, order);
  } else {
    world.frames.setFlags(head, 0);
    world.frames.setRmap(head, 0, 0);
  }
  world.effort.add(EFFORT_FOLIO_ALLOC, 1, order, 0, placeOf(world, head));
}

/**
 * Ends a device folio that nothing maps or references; the driver puts its pages on a free list.
 * @kernel mm/memremap.c free_zone_device_folio (v7.2)
 */
export function freeZoneDeviceFolio(world: World, head: number): void {
  const chunk = world.frames.ownChunkOf(head);
  const first = head & FRAME_INDEX;
  const order = (chunk.flags[first] as number) & FRAME_ORDER_MASK;
  if (order > 0) {
    world.largeFolios.free(chunk.rmapOwner[first + 1] as number);
    chunk.rmapOwner[first + 1] = 0;
  }
  chunk.flags.fill(FRAME_FREE, first, first + (1 << order));
  chunk.rmapOwner[first] = 0;
  chunk.rmapIndex[first] = 0;
}
