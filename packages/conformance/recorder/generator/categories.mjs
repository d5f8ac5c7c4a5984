// What a random case of each category is made of: machine, window, and weights of the operations.
// The names of the weights are those of the makers in makers.mjs.

const memory = { mmap: 3, munmap: 3, mprotect: 5, mremap: 3, rd: 8, wr: 12, dontneed: 3, free: 1 };
const device = { open: 3, close: 1, dread: 7, dwrite: 8, todev: 12, tosys: 5 };
const exclusive = { excl: 5, chkexcl: 2 };
const rest = { snap: 1, flags: 1, populate: 1, lock: 1 };
const processes = { fork: 4, exit: 2, forkAdvice: 1 };
const huge = { hugepage: 3, nohugepage: 1, collapse: 2 };
const numa = { move: 6, mpol: 2 };
const policy = { mbind: 3, migpages: 1, cpu: 3 };
const swap = { pageout: 8, cold: 1 };
const pins = { pin: 4, unpin: 2 };
const khugepaged = { khscan: 6, khset: 2, thpSwitch: 1 };
const hint = { nscan: 3, thread: 1 };
const ksm = { mergeable: 4, unmergeable: 1, wc: 9, dwc: 2, ksmscan: 4, ksmset: 1 };
const file = { fmap: 6, fwr: 5, frd: 2, ftrunc: 2, fpunch: 1 };
const userfault = {
  uffd: 6,
  uffdwp: 6,
  uffdun: 1,
  uffdcopy: 3,
  uffdzero: 2,
  uffdpoison: 1,
  uffdmove: 2,
  uffdclose: 1,
};
const markers = { guard: 2, unguard: 1, advice: 1 };

const base = { ...memory, ...device, ...exclusive, ...rest };
const small = { windows: [24, 48, 48, 48], boots: ["std"], numa: 0, thp: 0, options: 0 };
const large = { ...small, windows: [1024, 1536, 2048], thp: 1 };
const drained = { options: 2 };

/**
 * By name. `ops` bounds the length of a case; `processes` is how many may live at once. Of the
 * `themes` each case takes a few and does their operations more often.
 */
export const CATEGORIES = {
  single: { ...small, ops: [10, 20], processes: 1, weights: base },
  multi: { ...small, ops: [10, 22], processes: 3, weights: { ...base, ...processes } },
  thp: { ...large, ops: [10, 20], processes: 2, weights: { ...base, ...processes, ...huge } },
  numa: { ...small, numa: 1, ops: [10, 20], processes: 2, weights: { ...base, ...numa, fork: 1 } },
  numathp: {
    ...large,
    windows: [1024],
    numa: 1,
    ops: [10, 20],
    processes: 2,
    weights: { ...base, ...numa, ...huge, fork: 1 },
  },
  swap: {
    ...small,
    boots: ["swap"],
    ops: [10, 20],
    processes: 2,
    weights: { ...base, ...swap, ...processes },
  },
  coherent: {
    ...small,
    boots: ["coh"],
    ops: [10, 20],
    processes: 2,
    weights: { ...base, ...processes, pin: 1, unpin: 1 },
  },
  pin: { ...small, ops: [10, 20], processes: 2, weights: { ...base, ...pins, ...processes } },
  khugepaged: {
    ...large,
    ...drained,
    windows: [1024],
    boots: ["swap"],
    ops: [10, 20],
    processes: 2,
    weights: { ...base, ...huge, ...khugepaged, ...processes, pageout: 2 },
  },
  hint: {
    ...small,
    ...drained,
    numa: 1,
    ops: [10, 20],
    processes: 2,
    weights: { ...base, ...hint, ...numa, ...policy, fork: 1 },
  },
  ksm: { ...small, ...drained, ops: [10, 20], processes: 2, weights: { ...base, ...ksm, fork: 3 } },
  file: {
    ...small,
    options: 6,
    ops: [10, 20],
    processes: 2,
    weights: { ...base, ...file, ...processes },
  },
  uffd: {
    ...small,
    options: 3,
    boots: ["swap"],
    ops: [10, 20],
    processes: 2,
    weights: { ...base, ...userfault, ...markers, fork: 2, pageout: 1 },
  },
  mixed: {
    windows: [64, 1024, 1024, 2048],
    boots: ["std", "std", "swap", "coh"],
    numa: 1,
    thp: 1,
    options: 7,
    ops: [40, 70],
    processes: 3,
    weights: {
      ...base,
      ...processes,
      ...huge,
      ...numa,
      ...policy,
      ...swap,
      ...pins,
      ...ksm,
      ...file,
      ...userfault,
      ...markers,
      ...khugepaged,
      nscan: 1,
      thread: 1,
      reldev: 1,
    },
    themes: [
      processes,
      huge,
      { ...numa, ...policy },
      swap,
      { ...pins, ...exclusive },
      ksm,
      file,
      { ...userfault, ...markers },
      khugepaged,
      device,
    ],
  },
};
