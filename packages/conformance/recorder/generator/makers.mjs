// One maker per kind of operation: adds it to a sequence, or does nothing where it makes no sense.

const FILE_PAGES = 64;

function madvise(...advice) {
  return (s) => {
    const process = s.process();
    s.emit("madvise", process, ...s.range(process), s.random.pick(advice));
  };
}

function onRange(name, ...choices) {
  return (s) => {
    const process = s.process();
    s.emit(name, process, ...s.range(process), ...choices.map((choice) => choice(s)));
  };
}

/** A maker of an operation on a device that the acting process has open. */
function onDevice(make) {
  return (s) => {
    const process = s.process();
    const device = s.openDevice(process);
    if (device !== undefined) make(s, process, device, ...s.range(process));
  };
}

const memoryMakers = {
  mmap(s) {
    const process = s.process();
    const [start, len] = s.range(process);
    const prot = s.random.weighted({ rw: 14, r: 4, n: 2, w: 1 });
    const share = s.random.weighted({ p: 8, s: 1 });
    s.emit("mmap", process, start, len, prot, share);
    s.setMapped(process, start, len, share);
  },
  munmap(s) {
    const process = s.process();
    const [start, len] = s.range(process);
    s.emit("munmap", process, start, len);
    s.setMapped(process, start, len, "");
  },
  mprotect: onRange("mprotect", (s) => s.random.weighted({ rw: 12, r: 8, n: 2, w: 1 })),
  mremap(s) {
    const process = s.process();
    const [start, len] = s.range(process);
    let target = s.random.below(s.windowPages - len + 1);
    if (len % 512 === 0 || s.random.chance(30)) target -= target % 512;
    const room = Math.min(2 * len, s.windowPages - target);
    const newLen = s.random.chance(80)
      ? len
      : s.random.chance(60)
        ? s.random.between(1, len)
        : s.random.between(len, room);
    const keep = newLen === len && s.random.chance(15) ? 1 : 0;
    s.emit("mremap", process, start, len, newLen, target, keep);
    const kind = s.processes.get(process).mapped[start];
    if (!keep) s.setMapped(process, start, len, "");
    s.setMapped(process, target, newLen, kind);
  },
  rd: onRange("rd"),
  wr: onRange("wr"),
  dontneed: madvise("dontneed"),
  free: madvise("free"),
  populate: madvise("popread", "popwrite"),
  forkAdvice: madvise("dontfork", "dofork", "wipeonfork", "keeponfork"),
  hugepage: madvise("hugepage"),
  nohugepage: madvise("nohugepage"),
  collapse: madvise("collapse"),
  pageout: madvise("pageout"),
  cold: madvise("cold"),
  unmergeable: madvise("unmergeable"),
  guard: madvise("guard"),
  unguard: madvise("unguard"),
  advice: madvise("random", "normal", "remove", "dontneedlocked"),
  lock: (s) => onRange(s.random.pick(["mlock", "munlock"]))(s),
  mergeable(s) {
    s.mergeable = true;
    madvise("mergeable")(s);
  },
  wc: onRange("wc", (s) => s.random.between(0, 3)),
};

const deviceMakers = {
  open(s) {
    const process = s.process();
    const device = s.random.pick(s.deviceNumbers());
    if (!s.processes.get(process).devices.has(device)) s.open(process, device);
  },
  close: onDevice((s, process, device) => s.close(process, device)),
  dread: onDevice((s, process, device, start, len) => {
    if (s.readsForeignPages(process, device)) return;
    s.prepareAccess(process, device, start, len);
    s.emit("dread", process, device, start, len);
  }),
  dwrite: onDevice((s, process, device, start, len) => {
    s.prepareAccess(process, device, start, len);
    s.emit("dwrite", process, device, start, len);
  }),
  dwc: onDevice((s, process, device, start, len) => {
    s.prepareAccess(process, device, start, len);
    s.emit("dwc", process, device, start, len, s.random.between(0, 3));
  }),
  todev: onDevice((s, ...range) => s.todev(...range)),
  tosys: onDevice((s, ...range) => s.emit("tosys", ...range)),
  excl: onDevice((s, ...range) => s.emit("excl", ...range)),
  chkexcl: onDevice((s, ...range) => s.emit("chkexcl", ...range)),
  snap: onDevice((s, ...range) => s.emit("snap", ...range)),
  flags: onDevice((s, process, device) =>
    s.emit("flags", process, device, s.random.pick([1, 1, 1, 2])),
  ),
  reldev: onDevice((s, process, device) => {
    // Merged pages that die with the device's memory leave ksmd a dangling pointer; coherent
    // memory has a fixed range, so a released chunk could not be replaced in time.
    if (s.mergeable || device > 1) return;
    s.emit("reldev", process, device);
    s.migrators[device].clear();
  }),
};

const processMakers = {
  fork(s) {
    const child = [1, 2].find((number) => !s.processes.has(number));
    if (child !== undefined && s.processes.size < s.spec.processes) s.fork(s.process(), child);
  },
  exit(s) {
    if (s.processes.size > 1) s.exit(s.process());
  },
  thread: (s) => s.emit("thread", s.process()),
  cpu: (s) => s.emit("cpu", s.process(), s.random.below(2)),
  pin(s) {
    const process = s.process();
    const state = s.processes.get(process);
    if (state.pinned) return;
    state.pinned = true;
    s.emit("pin", process, ...s.range(process), s.random.below(2));
  },
  unpin(s) {
    const process = s.process();
    s.processes.get(process).pinned = false;
    s.emit("unpin", process);
  },
};

const systemMakers = {
  move(s) {
    const process = s.process();
    const node = s.random.pick([0, 0, 0, 0, 1, 1, 1, 1, -1]);
    s.emit("move", process, ...s.range(process), node, ...(s.random.chance(25) ? [1] : []));
  },
  mpol: (s) => s.emit("mpol", s.process(), s.random.between(-1, 1)),
  mbind: onRange(
    "mbind",
    (s) => s.random.between(-1, 1),
    (s) => s.random.pick([0, 2, 2, 3, 4, 1, 5, 6, 8]),
  ),
  migpages(s) {
    const from = s.random.below(2);
    s.emit("migpages", s.process(), from, 1 - from);
  },
  nscan(s) {
    if (s.ops.filter(([name]) => name === "nscan").length < 2) s.emit("nscan", s.process());
  },
  khscan: (s) => s.emit("khscan", s.process()),
  khset(s) {
    const limits = [
      [0, 10, 511],
      [0, 64, 511],
      [0, 256, 511],
    ].map((of) => s.random.pick(of));
    s.emit("khset", s.process(), ...limits);
  },
  thpSwitch: (s) => s.emit("thp", s.process(), s.random.pick(["madvise", "never", "always"])),
  ksmscan(s) {
    s.emptyDevices();
    s.emit("ksmscan", s.process());
  },
  ksmset: (s) => s.emit("ksmset", s.process(), s.random.below(2)),
};

const fileMakers = {
  fmap(s) {
    const process = s.process();
    const [start, len] = s.range(process, FILE_PAGES);
    const prot = s.random.weighted({ rw: 7, r: 2, n: 1 });
    const share = s.random.pick(["p", "p", "s"]);
    const offset = s.random.below(FILE_PAGES - len + 1);
    s.emit("fmap", process, start, len, prot, share, s.random.below(4), offset);
    s.setMapped(process, start, len, "f");
  },
  fwr: (s) => s.emit("fwr", s.process(), ...fileRange(s)),
  frd: (s) => s.emit("frd", s.process(), ...fileRange(s)),
  fpunch: (s) => s.emit("fpunch", s.process(), ...fileRange(s)),
  ftrunc: (s) => s.emit("ftrunc", s.process(), s.random.below(4), s.random.pick([0, 10, 30, 64])),
};

function fileRange(s) {
  const page = s.random.below(FILE_PAGES);
  return [s.random.below(4), page, Math.min(s.random.between(1, 16), FILE_PAGES - page)];
}

/**
 * A maker of an operation through the process's userfaultfd, mostly on a range it registered.
 * With `fills` the operation puts something where nothing is, so often the range is emptied first.
 */
function throughUserfault(make, { fills = false } = {}) {
  return (s) => {
    const process = s.process();
    const { userfault } = s.processes.get(process);
    if (userfault === null) return;
    let [start, len] = s.range(process, 32);
    if (s.random.chance(85)) {
      const [first, nrPages] = s.random.pick(userfault.ranges);
      start = first + s.random.below(nrPages);
      len = Math.min(len, first + nrPages - start);
    }
    if (fills && s.random.chance(60)) s.emit("madvise", process, start, len, "dontneed");
    make(s, process, start, len);
  };
}

const userfaultMakers = {
  uffd(s) {
    const process = s.process();
    const state = s.processes.get(process);
    state.userfault ??= { asynchronous: s.random.chance(30), ranges: [] };
    const { asynchronous, ranges } = state.userfault;
    const range = s.range(process);
    ranges.push(range);
    // With asynchronous write protection a missing page would wait for a handler nobody runs.
    const mode = asynchronous ? 2 : s.random.pick([1, 2, 2, 2, 3, 3]);
    s.emit("uffd", process, ...range, mode, asynchronous ? 1 : 0);
  },
  uffdwp: throughUserfault((s, ...range) => s.emit("uffdwp", ...range, s.random.pick([1, 1, 0]))),
  uffdun: throughUserfault((s, ...range) => s.emit("uffdun", ...range)),
  uffdcopy: throughUserfault((s, ...range) => s.emit("uffdcopy", ...range, s.random.below(2)), {
    fills: true,
  }),
  uffdzero: throughUserfault((s, ...range) => s.emit("uffdzero", ...range), { fills: true }),
  uffdpoison: throughUserfault((s, ...range) => s.emit("uffdpoison", ...range), { fills: true }),
  uffdmove: throughUserfault(
    (s, process, start, len) => {
      let source = s.random.below(s.windowPages - len + 1);
      const apart = source + len <= start || start + len <= source;
      if (!apart && start >= len) source = s.random.below(start - len + 1);
      if (s.random.chance(60)) s.emit("wr", process, source, len);
      s.emit("uffdmove", process, start, len, source, s.random.below(2));
    },
    { fills: true },
  ),
  uffdclose(s) {
    const process = s.process();
    const state = s.processes.get(process);
    if (state.userfault === null) return;
    state.userfault = null;
    s.emit("uffdclose", process);
  },
};

/** By the names used in categories.mjs. */
export const MAKERS = {
  ...memoryMakers,
  ...deviceMakers,
  ...processMakers,
  ...systemMakers,
  ...fileMakers,
  ...userfaultMakers,
};
