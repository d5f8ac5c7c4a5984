// The operations of a case and their arguments, as the recording program performs them.
// An element of a case's `ops` is `[name, process, ...arguments]`; here arguments have names.
// What each operation does on the recorded machine is told in docs/conformance.md.

/** Protection letters of `mmap`, `mprotect` and `fmap`: `n` is PROT_NONE, `w` is write only. */
export type Protection = "n" | "r" | "rw" | "w";

/** MAP_PRIVATE, MAP_SHARED, or MAP_PRIVATE with MAP_HUGETLB. */
export type Sharing = "p" | "s" | "h";

/** Every advice the `madvise` operation knows. */
export type Advice =
  | "dontneed"
  | "free"
  | "hugepage"
  | "nohugepage"
  | "collapse"
  | "dontfork"
  | "dofork"
  | "wipeonfork"
  | "keeponfork"
  | "pageout"
  | "cold"
  | "popread"
  | "popwrite"
  | "mergeable"
  | "unmergeable"
  | "random"
  | "normal"
  | "guard"
  | "unguard"
  | "remove"
  | "dontneedlocked";

/** Values of the system-wide switch transparent_hugepage/enabled. */
export type ThpSwitch = "always" | "madvise" | "never";

/** What the main thread repeats in a `race`. */
export type RaceKind =
  | "fork"
  | "forkwrite"
  | "munmap"
  | "mprotect"
  | "collapse"
  | "cpuwrite"
  | "cpuread"
  | "mremap"
  | "dontneed"
  | "move";

/** A range of window pages. */
export interface PageRangeArguments {
  readonly start: number;
  readonly len: number;
}

/** A range of window pages seen through the process's descriptor of a device. */
export interface DeviceRangeArguments extends PageRangeArguments {
  readonly device: number;
}

/** A range of pages of a file. */
export interface FileRangeArguments {
  readonly file: number;
  readonly page: number;
  readonly len: number;
}

/** No argument besides the acting process. */
export type NoArguments = object;

/** The arguments of each operation; pages are window pages unless a name says otherwise. */
export interface OperationArguments {
  mmap: PageRangeArguments & { readonly prot: Protection; readonly share: Sharing };
  munmap: PageRangeArguments;
  mprotect: PageRangeArguments & { readonly prot: Protection };
  mremap: {
    readonly start: number;
    readonly oldLen: number;
    readonly newLen: number;
    readonly newStart: number;
    readonly dontUnmap: number;
  };
  madvise: PageRangeArguments & { readonly advice: Advice };
  rd: PageRangeArguments;
  wr: PageRangeArguments;
  wc: PageRangeArguments & { readonly value: number };
  fork: { readonly child: number };
  exit: NoArguments;
  open: { readonly device: number };
  close: { readonly device: number };
  dread: DeviceRangeArguments;
  dwrite: DeviceRangeArguments;
  dwc: DeviceRangeArguments & { readonly value: number };
  todev: DeviceRangeArguments;
  tosys: DeviceRangeArguments;
  excl: DeviceRangeArguments;
  chkexcl: DeviceRangeArguments;
  snap: DeviceRangeArguments;
  flags: { readonly device: number; readonly value: number };
  reldev: { readonly device: number };
  move: PageRangeArguments & { readonly node: number; readonly all: number };
  mpol: { readonly node: number };
  mbind: PageRangeArguments & { readonly node: number; readonly flags: number };
  migpages: { readonly from: number; readonly to: number };
  mlock: PageRangeArguments;
  munlock: PageRangeArguments;
  pin: PageRangeArguments & { readonly flags: number };
  unpin: NoArguments;
  khscan: NoArguments;
  khset: { readonly none: number; readonly swap: number; readonly shared: number };
  thp: { readonly enabled: ThpSwitch };
  cpu: { readonly cpu: number };
  thread: NoArguments;
  nscan: { readonly advances: number };
  ksmscan: { readonly scans: number };
  ksmset: { readonly useZeroPages: number };
  fmap: PageRangeArguments & {
    readonly prot: Protection;
    readonly share: Sharing;
    readonly file: number;
    readonly offset: number;
  };
  fwr: FileRangeArguments;
  frd: FileRangeArguments;
  ftrunc: { readonly file: number; readonly nrPages: number };
  fpunch: FileRangeArguments;
  uffd: PageRangeArguments & { readonly mode: number; readonly feature: number };
  uffdun: PageRangeArguments;
  uffdwp: PageRangeArguments & { readonly on: number };
  uffdcopy: PageRangeArguments & { readonly wp: number };
  uffdzero: PageRangeArguments;
  uffdpoison: PageRangeArguments;
  uffdmove: PageRangeArguments & { readonly source: number; readonly mode: number };
  uffdclose: NoArguments;
  race: {
    readonly kind: RaceKind;
    readonly device: number;
    readonly start: number;
    readonly len: number;
    readonly milliseconds: number;
    readonly seed: number;
  };
}

/** The names of the operations a case can hold. */
export type OperationName = keyof OperationArguments;

/** One operation of a case with a known name: `OperationOf<"mmap">`. */
export type OperationOf<Name extends OperationName> = {
  /** What is done. */
  readonly name: Name;
  /** The acting process, 0 to 2. */
  readonly process: number;
} & OperationArguments[Name];

/** Any operation of a case; `op.name` tells which. */
export type CaseOp = { [Name in OperationName]: OperationOf<Name> }[OperationName];
