// Benchmarks of the simulator: cost per page and per operation.
export {};
