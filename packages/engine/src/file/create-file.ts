// The life of a file: it lives as long as a VMA or an open descriptor holds it, and its cache goes
// with the last holder. Directories and links are left out, so closing a file forgets it.
import { type AddressSpace, type FileKind, invariant, type World } from "@faultline/core";
import { checkRange } from "../check-arguments.ts";
import { dropCache } from "./truncate-cache.ts";

/**
 * A new, sparse file. Nobody holds it yet: a mapping takes a reference of its own, a caller that
 * keeps it open takes one with `fileGet`.
 */
export function createFile(world: World, kind: FileKind, nrPages: number): AddressSpace {
  checkRange(0, nrPages);
  return world.createAddressSpace(kind, nrPages);
}

/** Takes a reference of a file, as opening it does. */
export function fileGet(file: AddressSpace): void {
  file.refs++;
}

/**
 * Drops a reference of a file; the last one frees its cache.
 * @kernelpart fs/file_table.c fput (v7.2) a count stands for the struct file, which is not modelled
 */
export function filePut(world: World, file: AddressSpace): void {
  invariant(file.refs > 0, `file ${file.id} is held by nobody`);
  file.refs--;
  if (file.refs > 0) return;
  dropCache(world, file);
  file.pages.destroy();
  world.dropRmapTarget(file);
}
