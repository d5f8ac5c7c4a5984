// Device drivers as policies over the engine.
export * from "./dmirror/dmirror.ts";
export * from "./dmirror/dmirror-cmd.ts";
export { DmirrorDevice } from "./dmirror/dmirror-device.ts";
export { dmirrorCheckAtomic, dmirrorExclusive } from "./dmirror/dmirror-exclusive.ts";
export {
  DMIRROR_INVARIANTS,
  dmirrorHolder,
  findDmirrorProblems,
} from "./dmirror/dmirror-invariants.ts";
export { dmirrorMmap } from "./dmirror/dmirror-mmap.ts";
export {
  dmirrorClose,
  dmirrorOpen,
  dmirrorRelease,
  dmirrorSetFlags,
} from "./dmirror/dmirror-open-close.ts";
export { dmirrorRead, dmirrorWrite } from "./dmirror/dmirror-read-write.ts";
export * from "./dmirror/dmirror-snapshot.ts";
export { dmirrorMigrateToDevice } from "./dmirror/dmirror-to-device.ts";
export { dmirrorMigrateToSystem } from "./dmirror/dmirror-to-system.ts";
