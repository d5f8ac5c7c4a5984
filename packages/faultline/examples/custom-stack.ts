// A driver of one's own: on a fault it pulls a whole window of pages to the device, then maps the
// page. Scenarios name it, and set its parameter, as they do with the drivers of the package.
import { type AttachedDevice, attachMemory, createOwnerSpace } from "faultline";
import { type DeviceAccessKind, DeviceMirror, type DeviceStack } from "faultline";
import { type DeviceSystem, EFAULT, forEachVma, formatPs, InputError } from "faultline";
import { type MachineDevice, mapRange, MIGRATE_VMA_SELECT_SYSTEM } from "faultline";
import { migrateFaultingFolio, migrateToDevice, migrateToSystem, mirrorRange } from "faultline";
import { type MmStruct, type MovePiece, OpenMirrors, type PageRange } from "faultline";
import { type PathPolicy, pathPolicy, requestFlags, runScenario } from "faultline";
import { type StackHost, type StackPlugin, type TaskStruct, THREE_WAY_PATHS } from "faultline";
import { type Verb, wholeNumber } from "faultline";

class WindowStack implements DeviceStack {
  readonly name = "window";
  readonly system: DeviceSystem;
  readonly host: StackHost;
  readonly attached: AttachedDevice;
  readonly paths: PathPolicy;
  /** Under a clock: one worker takes one fault after the other. */
  readonly service = { nrQueues: 1, nrWorkers: 1, batch: 1 };
  private readonly mirrors = new OpenMirrors();
  private readonly windowPages: number;
  private nrWindows = 0;

  constructor(system: DeviceSystem, host: StackHost, device: MachineDevice, windowPages: number) {
    this.system = system;
    this.host = host;
    this.windowPages = windowPages;
    this.paths = pathPolicy(system.world.designs, THREE_WAY_PATHS);
    this.attached = attachMemory(system, device, {
      owner: createOwnerSpace(device.name),
      migrateToRam: (fault) => migrateFaultingFolio(system, this.attached, fault),
    });
  }

  open(mm: MmStruct): DeviceMirror {
    return this.mirrors.open(mm, () => new DeviceMirror(this.system, this.attached, mm));
  }

  close(mirror: DeviceMirror): void {
    this.mirrors.close(mirror);
  }

  *fault(mirror: DeviceMirror, task: TaskStruct, page: number, access: DeviceAccessKind): Verb {
    const { windowPages } = this;
    const vma = mirror.mm.vmaAt(page);
    if (vma === null) return -EFAULT;
    const start = Math.max(vma.vmStart, page - (page % windowPages));
    const end = Math.min(vma.vmEnd, page - (page % windowPages) + windowPages);
    const window = { start, nrPages: end - start };
    yield* this.prefetch(mirror, task, window); // what cannot move is used where it is
    const request = requestFlags(access !== "read");
    const wanted = { ...window, request, owner: this.attached.owner };
    return yield* mirrorRange(this.host, mirror, task, wanted, (range) =>
      mapRange(mirror, range, { paths: this.paths, isAtomic: () => true }),
    );
  }

  *prefetch({ mm }: DeviceMirror, _task: TaskStruct, range: PageRange): Verb {
    const { system, attached: target } = this;
    const common = { flags: MIGRATE_VMA_SELECT_SYSTEM, pgmapOwner: target.owner, target };
    const move: MovePiece = (vma, start, end) => {
      return migrateToDevice(system, { vma, start, end, ...common });
    };
    const { rc, nrMoved } = yield* forEachVma(system.world, mm, range, this.windowPages, move);
    if (nrMoved > 0) this.nrWindows++;
    return rc;
  }

  *evict({ mm }: DeviceMirror, task: TaskStruct, range: PageRange): Verb {
    const { system, attached: from } = this;
    const move: MovePiece = (vma, start, end) => {
      return migrateToSystem(system, { from, task, range: { vma, start, end } });
    };
    return (yield* forEachVma(system.world, mm, range, this.windowPages, move)).rc;
  }

  counters(): ReadonlyMap<string, number> {
    return new Map([["windows", this.nrWindows]]);
  }
}

const windowDriver: StackPlugin = {
  name: "window",
  knobs: { "window.order": wholeNumber(0, 9) },
  bind: (system, host, requests) =>
    requests.map(({ device, knobs }) => {
      return new WindowStack(system, host, device, 2 ** Number(knobs["window.order"] ?? 4));
    }),
};

const scenario = `
version: 1
title: A driver that pulls windows
machine:
  devices: [{ name: gpu0, stack: window, knobs: { window.order: 3 } }]
steps:
  - { do: mmap, name: heap, pages: 64 }
  - { do: write, at: heap, pages: 64 }
  - { do: device_read, device: gpu0, at: heap, pages: 64, expect: { result: ok } }
`;

const profile = "amd-mi250x-xnack-svm"; // the driver stays, the prices are these
for (const order of [3, 5]) {
  const set = [`machine.devices.gpu0.knobs={ window.order: ${order} }`];
  const { passed, result, kinds } = runScenario(scenario, { stacks: [windowDriver], set, profile });
  const [faults] = kinds;
  console.log(`order ${order}: ${passed ? "passed" : "failed"}, ${formatPs(result.simulatedPs)}`);
  console.log(`  ${result.counters["gpu0"]?.["windows"]} windows, ${faults?.nrFaults} faults`);
}

// What a person gets wrong is told as for any driver.
try {
  runScenario(scenario.replace("order: 3", "order: 10"), { stacks: [windowDriver] });
} catch (error) {
  console.log(error instanceof InputError ? error.message : error);
}
