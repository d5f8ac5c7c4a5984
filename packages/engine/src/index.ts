// The kernel's verbs without time: faults, fork, copy-on-write, THP, migration and hmm_range_fault.
export {};
