// What the recordings of peer-to-peer decisions hold: a machine, and what its kernel answered.
// Addresses are hexadecimal text without a prefix.
import type { PciKind } from "@faultline/core";

/** How the IOMMU of a machine was switched. */
export type RecordedIommu =
  | "none"
  | "intel-on"
  | "intel-lazy"
  | "intel-sc"
  | "intel-pt"
  | "intel-off"
  | "amd-on"
  | "amd-lazy"
  | "amd-sc"
  | "amd-pt"
  | "amd-off";

/** One function of a machine; its index is its position in the list. */
export interface RecordedFunction {
  readonly path: string;
  readonly bdf: string;
  /** vendor:device */
  readonly id: string;
  readonly kind: PciKind;
  /** Index of the bridge above, or null on a root bus. */
  readonly upstream: number | null;
  /** domain:bus of its root bus. */
  readonly root: string;
  readonly vf: 0 | 1;
  readonly acs: { readonly cap: number; readonly power_up: number; readonly ctrl: number } | null;
  readonly iommu: "off" | "identity" | "translate";
  readonly iommu_group: number | null;
  /** A BAR whose first `registered` bytes are peer memory. */
  readonly provider?: {
    readonly bar: number;
    readonly cpu: string;
    readonly bus: string;
    readonly len: string;
    readonly registered: number;
    readonly prefetchable: 0 | 1;
    readonly bits64: 0 | 1;
  };
  /** DMA mappings were made for it. */
  readonly requester: boolean;
}

/** One machine, as it was while the questions were asked. */
export interface RecordedMachine {
  readonly id: string;
  readonly group: string;
  readonly cpu: { readonly vendor: string; readonly family: number };
  readonly memory_mib: number;
  readonly iommu: RecordedIommu;
  readonly boot: {
    readonly args: readonly string[];
    readonly config_acs: readonly (readonly [flags: string, path: string])[];
    readonly disable_acs_redir: readonly string[];
    readonly noats: boolean;
    readonly swiotlb_force: boolean;
  };
  /** Values written to ACS control registers before any question, by path. */
  readonly runtime_acs: Readonly<Record<string, number>>;
  /** Values written before the second pass. */
  readonly later_acs: Readonly<Record<string, number>>;
  readonly host_bridges: readonly { readonly root: string; readonly first: number }[];
  readonly functions: readonly RecordedFunction[];
}

/** What mapping by the HMM route gave: an errno of the preparation, or the mapping. */
export type RecordedHmm =
  | { readonly alloc: number }
  | {
      readonly alloc?: undefined;
      readonly type: number;
      readonly iova_state: 0 | 1;
      /** 1 DMA_MAPPED, 2 P2PDMA, 4 P2PDMA_BUS */
      readonly flags: number;
      readonly addr: string;
      /** Whether a second call gave the same address; absent when there was none. */
      readonly again_same?: 0 | 1;
      readonly unmapped: 0 | 1;
      readonly flags_after: number;
    };

/** Segments as [length in bytes, address], or `err:N`. */
export type RecordedSegments = string | readonly (readonly [number, string])[];

/** Every mapping of one page of a provider for one requester. */
export interface RecordedPair {
  readonly p: number;
  readonly c: number;
  readonly dist: number;
  readonly type: number;
  readonly phys: string;
  readonly hmm: RecordedHmm;
  readonly hmm32: RecordedHmm;
  readonly sg: RecordedSegments;
  readonly sg32: RecordedSegments;
  readonly mix: RecordedSegments;
  readonly buf: string;
  readonly buf32: string;
  readonly res: string;
}

/** What the kernel of one machine answered; functions are named by index. */
export interface RecordedAnswers {
  readonly id: string;
  /** [provider][client] over all functions; -1 is not supported. */
  readonly dist: readonly (readonly number[])[];
  readonly pairs: readonly RecordedPair[];
  /** Sets: 0 the other providers, 1 those of the same root bus, 2 every requester that can. */
  readonly many: readonly {
    readonly p: number;
    readonly set: 0 | 1 | 2;
    readonly n: number;
    readonly d: number;
  }[];
  readonly nearest: readonly { readonly c: number; readonly seen: readonly number[] }[];
  /** A requester beside PCI, below function `parent` or, with -1, below none. */
  readonly nonpci: readonly {
    readonly p: number;
    readonly parent: number;
    readonly dist: number;
    readonly type: number;
    readonly sg: RecordedSegments;
  }[];
  /** Lines of the log about unlisted host bridges; only zero or not means something. */
  readonly warned_unlisted: number | null;
  readonly acs_after?: readonly { readonly i: number; readonly ctrl: number }[];
  readonly pass2?: readonly {
    readonly p: number;
    readonly c: number;
    readonly stale_type: number;
    readonly dist: number;
    readonly fresh_type: number;
  }[];
}
