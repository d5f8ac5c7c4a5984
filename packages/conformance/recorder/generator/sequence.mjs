// A case under construction: the operations so far and as much of the state they lead to as the
// makers need to aim at something and to stay out of what crashes a kernel or is undefined.

const BLOCK = 512;
const LENGTHS = [1, 1, 1, 2, 2, 3, 4, 4, 6, 8, 8, 12, 16, 24, 32, 40, 64, 100];

function newProcess(windowPages, parent) {
  return {
    mapped: parent ? [...parent.mapped] : Array.from({ length: windowPages }).fill(""),
    devices: new Set(),
    pinned: false,
    userfault: null,
  };
}

/** Operations and the state they lead to. */
export class Sequence {
  ops = [];
  /** Sparse: processes 0 to 2 that are alive. */
  processes = new Map();
  /** By device: processes whose descriptor has put pages on it since it was last emptied. */
  migrators = [new Set(), new Set(), new Set(), new Set()];
  mergeable = false;

  constructor({ random, spec, patched }) {
    this.random = random;
    this.spec = spec;
    /** The test driver copes with own device pages that its mirror lost. */
    this.patched = patched;
    this.windowPages = random.pick(spec.windows);
    this.boot = random.pick(spec.boots);
    this.processes.set(0, newProcess(this.windowPages));
  }

  emit(...op) {
    this.ops.push(op);
  }

  /** An acting process, most often the first. */
  process() {
    const alive = [...this.processes.keys()];
    return this.random.chance(50) ? alive[0] : this.random.pick(alive);
  }

  /** Devices of the machine. */
  deviceNumbers() {
    return this.boot === "coh" ? [0, 2, 3] : [0, 1];
  }

  /** A device the process has open, or undefined. */
  openDevice(process) {
    const open = [...this.processes.get(process).devices];
    return open.length > 0 ? this.random.pick(open) : undefined;
  }

  /** A range of the window, as start and length; mostly where something is mapped. */
  range(process, limit = this.windowPages) {
    const { random, windowPages } = this;
    if (this.spec.thp && windowPages >= BLOCK && limit >= BLOCK && random.chance(35)) {
      const blocks = Math.floor(windowPages / BLOCK);
      const len = random.chance(80) ? BLOCK : BLOCK * random.between(1, blocks);
      const start = BLOCK * random.below(blocks);
      return [start, Math.min(len, windowPages - start)];
    }
    const mapped = this.processes.get(process).mapped;
    let start = random.below(windowPages);
    for (let tries = 0; tries < 4 && mapped[start] === "" && random.chance(90); tries++) {
      start = random.below(windowPages);
    }
    if (this.spec.thp && random.chance(40)) start -= start % 64;
    return [start, Math.min(random.pick(LENGTHS), limit, windowPages - start)];
  }

  setMapped(process, start, len, kind) {
    this.processes.get(process).mapped.fill(kind, start, start + len);
  }

  fork(parent, child) {
    this.emit("fork", parent, child);
    this.processes.set(child, newProcess(this.windowPages, this.processes.get(parent)));
  }

  exit(process) {
    this.emit("exit", process);
    for (const device of this.processes.get(process).devices) this.migrators[device].clear();
    this.processes.delete(process);
  }

  open(process, device) {
    this.emit("open", process, device);
    this.processes.get(process).devices.add(device);
  }

  close(process, device) {
    this.emit("close", process, device);
    this.processes.get(process).devices.delete(device);
    this.migrators[device].clear();
  }

  todev(process, device, start, len) {
    this.emit("todev", process, device, start, len);
    this.migrators[device].add(process);
  }

  /**
   * Whether a device read by this process could leave its descriptor with an entry for a page that
   * another descriptor put on the device. Such an entry can outlive the page: undefined behaviour.
   */
  readsForeignPages(process, device) {
    return [...this.migrators[device]].some((migrator) => migrator !== process);
  }

  /**
   * Makes a device access safe on the driver as released, which crashes on own device pages that
   * its mirror lost: a CPU read brings every readable device page of the range back first.
   */
  prepareAccess(process, device, start, len) {
    const emptied = device > 1 || this.migrators[device].size === 0;
    if (!this.patched && !emptied) this.emit("rd", process, start, len);
  }

  /** Before ksmd runs no merged page may be on a device: it would compare unreadable memory. */
  emptyDevices() {
    for (const [number, process] of this.processes) {
      for (const device of process.devices) {
        if (this.migrators[device].size === 0) continue;
        this.close(number, device);
        this.open(number, device);
      }
    }
  }
}
