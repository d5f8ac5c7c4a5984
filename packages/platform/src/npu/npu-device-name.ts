// Names of GPUs in machine documents.

/** A name that documents accept: slot GPU0 becomes gpu0. */
export function npuDeviceName(label: string): string {
  const plain = label.toLowerCase().replaceAll(/[^a-z0-9_.-]/g, "-");
  return /^[a-z]/.test(plain) ? plain : `gpu-${plain}`;
}
