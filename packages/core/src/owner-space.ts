// What `dev_private_owner` points to: one physical address space that one or several devices can
// reach directly. The kernel compares owners by identity and so do we.

/** A set of devices that address each other's private memory without the CPU's help. */
export interface OwnerSpace {
  readonly name: string;
}

/** Creates an owner space; two spaces are the same only when they are the same object. */
export function createOwnerSpace(name: string): OwnerSpace {
  return { name };
}
