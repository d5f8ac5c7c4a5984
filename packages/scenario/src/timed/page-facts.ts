// Everything that a machine knows of one page at one instant: the CPUs' entry, the folio behind it,
// and the entry of every device.
import { FRAME_ANON } from "@faultline/core";
import { folioMapcount, folioRefCount } from "@faultline/engine";
import { deviceView } from "../device-view.ts";
import { describePageState, pageState } from "../page-state.ts";
import type { RunningProcess, ScenarioMachine } from "../scenario-machine.ts";

/** The folio that holds a page. */
export interface FolioFacts {
  /** Its first frame. */
  readonly pfn: number;
  readonly order: number;
  readonly isAnonymous: boolean;
  readonly mapcount: number;
  readonly refCount: number;
  /** Where its memory is: `node 0`, or the name of a device. */
  readonly place: string;
  /** Who may reach device memory as it is, `dev_private_owner`; null for system memory. */
  readonly owner: string | null;
}

/** A page as one device sees it. */
export interface DevicePageFacts {
  readonly device: string;
  /** `none` where the device would fault. */
  readonly aperture: string;
  readonly writable: boolean;
  /** The space of the address that it uses; null where it would fault. */
  readonly address: string | null;
}

/** One page at one instant. */
export interface PageFacts {
  readonly timePs: number;
  /** The CPUs' entry, in words. */
  readonly cpu: string;
  /** Null where the entry leads to no frame of the page's own. */
  readonly folio: FolioFacts | null;
  readonly devices: readonly DevicePageFacts[];
}

/** What is known of a page of a process. */
export function pageFacts(
  machine: ScenarioMachine,
  process: RunningProcess,
  page: number,
  timePs: number,
): PageFacts {
  const { world, deviceNames } = machine;
  const state = pageState(world, process.task.mm, page);
  return {
    timePs,
    cpu: describePageState(state, deviceNames),
    folio: state.pfn === 0 ? null : folioFacts(machine, state.pfn),
    devices: machine.devices.map((running, number) => ({
      device: deviceNames[number] ?? `device ${number}`,
      ...deviceView(running, number, process, page),
    })),
  };
}

function folioFacts({ world, deviceNames }: ScenarioMachine, pfn: number): FolioFacts {
  const { frames } = world;
  const head = frames.head(pfn);
  const pgmap = frames.pgmapOf(head);
  const node = `node ${frames.nodeOf(head)}`;
  return {
    pfn: head,
    order: frames.order(head),
    isAnonymous: (frames.flags(head) & FRAME_ANON) !== 0,
    mapcount: folioMapcount(world, head),
    refCount: folioRefCount(world, head),
    place: pgmap === null ? node : (deviceNames[pgmap.device] ?? `device ${pgmap.device}`),
    owner: pgmap?.owner.name ?? null,
  };
}
