// A simulator of Linux HMM page faults and migration across CPUs, GPUs and NICs.
export {};
