// What a page is to one process, in words: the observable state of its page-table entry.
import {
  leafKind,
  LEAF_DEVICE_EXCLUSIVE,
  LEAF_DEVICE_PRIVATE,
  LEAF_MARKER,
  LEAF_MIGRATION,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_PROTNONE,
  LEAF_SWAP,
  LEAF_TABLE,
  LEAF_WRITE,
  type MmStruct,
  type World,
} from "@faultline/core";
import { pagePreciseMapcount } from "@faultline/engine";
import type { PAGE_STATES } from "./schema/step-schema.ts";

/** The states a page can be in, as `check` names them. */
export type PageStateName = (typeof PAGE_STATES)[number];

/** One page as one process sees it. */
export interface PageState {
  readonly state: PageStateName;
  readonly writable: boolean;
  /** Mapped by a PMD leaf. */
  readonly huge: boolean;
  /** A NUMA hinting entry: present, yet the next access faults. */
  readonly hinting: boolean;
  /** Frame of the page, 0 where there is none of its own. */
  readonly pfn: number;
  /** NUMA node, -1 when the page is not in system memory. */
  readonly node: number;
  /** Number of the device whose memory holds the page, -1 for none. */
  readonly device: number;
  /** More than one mapping exists. */
  readonly shared: boolean;
}

const ABSENT: PageState = {
  state: "none",
  writable: false,
  huge: false,
  hinting: false,
  pfn: 0,
  node: -1,
  device: -1,
  shared: false,
};

/** The state of one page. */
export function pageState(world: World, mm: MmStruct, page: number): PageState {
  const table = mm.pageTable;
  const slot = table.slotBits(page);
  if (leafKind(slot) === LEAF_NONE) return ABSENT;
  if (leafKind(slot) === LEAF_TABLE) return leafState(world, table.bits(page), table.val(page));
  const head = table.slotVal(page);
  if (head === world.hugeZeroPfn) return { ...ABSENT, state: "huge-zero", huge: true };
  return { ...leafState(world, slot, head + table.indexInBlock(page)), huge: true };
}

const STATE_OF_KIND: Readonly<Record<number, PageStateName>> = {
  [LEAF_SWAP]: "swap",
  [LEAF_MIGRATION]: "migration",
  [LEAF_DEVICE_PRIVATE]: "device-private",
  [LEAF_DEVICE_EXCLUSIVE]: "device-exclusive",
  [LEAF_MARKER]: "marker",
};

function leafState(world: World, bits: number, val: number): PageState {
  const kind = leafKind(bits);
  if (kind === LEAF_NONE) return ABSENT;
  if (kind === LEAF_PRESENT && val === world.zeroPfn) return { ...ABSENT, state: "zero" };
  if (kind === LEAF_SWAP || kind === LEAF_MARKER) {
    return { ...ABSENT, state: STATE_OF_KIND[kind] as PageStateName };
  }
  const pgmap = world.frames.pgmapOf(val);
  const present = pgmap === null ? "present" : "device-coherent";
  return {
    state: STATE_OF_KIND[kind] ?? present,
    writable: (bits & LEAF_WRITE) !== 0,
    huge: false,
    hinting: kind === LEAF_PRESENT && (bits & LEAF_PROTNONE) !== 0,
    pfn: val,
    node: world.frames.nodeOf(val),
    device: pgmap?.device ?? -1,
    shared: kind !== LEAF_MIGRATION && pagePreciseMapcount(world, val) > 1,
  };
}

/** One line for a state, with the names of the machine's devices. */
export function describePageState(state: PageState, devices: readonly string[]): string {
  if (state.state === "none") return "nothing";
  if (state.state === "zero") return "the zero page";
  if (state.state === "huge-zero") return "the huge zero page";
  if (state.state === "swap" || state.state === "marker") return state.state;
  const right = state.writable ? "rw" : "r-";
  const place = state.device >= 0 ? devices[state.device] : `node ${state.node}`;
  const traits = [
    state.huge ? "huge" : "",
    state.shared ? "shared" : "",
    state.hinting ? "hinting" : "",
  ].filter((trait) => trait !== "");
  return [`${state.state} ${right} on ${place}`, ...traits].join(", ");
}
