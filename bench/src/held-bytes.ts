// Memory the process holds, after a garbage collection where the runtime allows one.

/** The runtime takes buffers of what was collected back on another thread, a little later. */
const SWEEP_MS = 30;

/** Bytes in typed arrays and on the JavaScript heap. */
export function heldBytes(): number {
  globalThis.gc?.();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SWEEP_MS);
  globalThis.gc?.();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}
