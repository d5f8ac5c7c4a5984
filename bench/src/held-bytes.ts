// Memory the process holds, after a garbage collection where the runtime allows one.

/** Bytes in typed arrays and on the JavaScript heap. */
export function heldBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}
