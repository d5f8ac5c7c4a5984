// A record: what a real kernel answered to one case, as the record file has it.
// Texts stay run-length encoded here; expected-state.ts expands them while a case is replayed.

/** A mapping of the window: first page, pages, and `rwxp`-style permissions. */
export type VmaView = readonly [start: number, len: number, permissions: string];

/** The fields of one process that changed since its previous dump. */
export interface StateDelta {
  readonly v?: readonly VmaView[];
  readonly pm?: string;
  /** A text, or null after the descriptor was closed. */
  readonly s0?: string | null;
  readonly s1?: string | null;
  readonly s2?: string | null;
  readonly s3?: string | null;
  readonly c?: string;
  readonly k?: string;
  readonly h?: string;
  readonly n?: string;
  readonly u?: string;
}

/** The answer to one operation and what it changed. */
export interface OpRecord {
  readonly r?: number;
  readonly e?: string;
  readonly cp?: number;
  readonly fl?: number;
  readonly t?: string;
  readonly snap?: string;
  readonly mv?: string;
  readonly kc?: number;
  /** What a race observed; only its invariants mean anything. */
  readonly note?: unknown;
  /** Keyed by process number. */
  readonly st?: Readonly<Record<string, StateDelta>>;
}

/** The recorded answers of one case. */
export interface ConformanceRecord {
  readonly id: string;
  readonly res: readonly OpRecord[];
  /** Kernel messages of level warning or worse; informative. */
  readonly klog?: readonly string[];
  readonly hang?: number;
  readonly crash?: number;
  readonly nondet?: number;
}

/** Snapshot fields by device number. */
export const SNAPSHOT_FIELDS = ["s0", "s1", "s2", "s3"] as const;
/** Fields with one letter per page. */
export const LETTER_FIELDS = ["pm", "k", "h", "n", "u"] as const;

/** A snapshot by one device. */
export type SnapshotField = (typeof SNAPSHOT_FIELDS)[number];
/** A field with one letter per page. */
export type LetterField = (typeof LETTER_FIELDS)[number];
