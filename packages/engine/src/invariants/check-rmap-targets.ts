// What folios point to: anon_vmas with their VMAs and children, files with their mappings and
// cache.
import {
  type AddressSpace,
  type AnonVma,
  LEAF_KIND_MASK,
  LEAF_PRESENT,
  LEAF_SWAP,
  type VmAreaStruct,
} from "@faultline/core";
import { type Census, countSwapUse, countTable } from "./census.ts";
import { walkTables } from "./walk-tables.ts";

/** Checks every anon_vma. */
export function checkAnonVmas(census: Census): void {
  const active = new Map<AnonVma, number>();
  const vmas = new Set<VmAreaStruct>();
  for (const vma of census.mms.flatMap((mm) => mm.vmas)) {
    vmas.add(vma);
    if (vma.anonVma !== null) active.set(vma.anonVma, (active.get(vma.anonVma) ?? 0) + 1);
  }
  const children = new Map<AnonVma, number>();
  for (const { chain, parent } of census.anonVmas) {
    if (chain.length > 0) children.set(parent, (children.get(parent) ?? 0) + 1);
  }
  for (const anonVma of census.anonVmas) {
    checkAnonVma(census, anonVma, vmas);
    const { sink } = census;
    const name = `of anon_vma ${anonVma.id}`;
    const nrActive = active.get(anonVma) ?? 0;
    const nrChildren = children.get(anonVma) ?? 0;
    sink.expectEqual("anon-vma-counts", `numActiveVmas ${name}`, anonVma.numActiveVmas, nrActive);
    sink.expectEqual("anon-vma-counts", `numChildren ${name}`, anonVma.numChildren, nrChildren);
    if (nrChildren === 0 && anonVma.chain.length === 0) {
      sink.add("anon-vma-counts", `nothing uses anon_vma ${anonVma.id}`);
    }
  }
}

function checkAnonVma({ sink }: Census, anonVma: AnonVma, vmas: Set<VmAreaStruct>): void {
  let pgoff = 0;
  for (const avc of anonVma.chain) {
    const place = { mmId: avc.vma.vmMm.mmId, page: avc.vma.vmStart };
    if (!vmas.has(avc.vma)) {
      sink.add("anon-vma-chain", `anon_vma ${anonVma.id} holds a VMA that is gone`, place);
    } else if (avc.anonVma !== anonVma || !avc.vma.anonVmaChain.includes(avc)) {
      sink.add("anon-vma-chain", `the VMA does not know anon_vma ${anonVma.id}`, place);
    }
    if (avc.vma.vmPgoff < pgoff) {
      sink.add("anon-vma-chain", `anon_vma ${anonVma.id} is not in order`, place);
    }
    pgoff = avc.vma.vmPgoff;
  }
}

/** Checks every file and counts what its cache holds. */
export function checkFiles(census: Census): void {
  const mapped = new Map<AddressSpace, Set<VmAreaStruct>>();
  for (const vma of census.mms.flatMap((mm) => mm.vmas)) {
    if (vma.vmFile === null) continue;
    const vmas = mapped.get(vma.vmFile) ?? new Set();
    mapped.set(vma.vmFile, vmas.add(vma));
  }
  for (const file of census.files) {
    const { sink } = census;
    const vmas = mapped.get(file) ?? new Set();
    const name = `of file ${file.id}`;
    sink.expectEqual("file-mappings", `i_mmap ${name}`, file.iMmap.length, vmas.size);
    for (const vma of file.iMmap) {
      if (vmas.has(vma)) continue;
      sink.add("file-mappings", `i_mmap ${name} holds a VMA that is gone`, { page: vma.vmStart });
    }
    if (file.refs < vmas.size) sink.add("file-mappings", `only ${file.refs} references ${name}`);
    if (file.refs === 0 && file.nrCached > 0) sink.add("file-mappings", `nobody holds ${name}`);
    sink.expectEqual("cache-count", `nrCached ${name}`, file.nrCached, countCache(census, file));
  }
}

/** Pages in the cache of a file; each holds a reference of its folio. */
function countCache(census: Census, file: AddressSpace): number {
  const { world, sink } = census;
  const { frames } = world;
  let nrCached = 0;
  walkTables(file.pages, {
    table: (id) => countTable(census, id),
    leaf: (index, bits, val) => {
      const kind = bits & LEAF_KIND_MASK;
      if (kind === LEAF_SWAP) return countSwapUse(census, val);
      if (kind !== LEAF_PRESENT) return sink.add("leaf-frame", `cache entry of kind ${kind}`);
      nrCached++;
      const head = frames.head(val);
      census.refs.add(head, 1);
      const expected = index - (val - head);
      if (frames.rmapOwner(head) !== file.id || frames.rmapIndex(head) !== expected) {
        const message = `page ${index} of file ${file.id} does not know its place`;
        sink.add("rmap-lost", message, { pfn: val });
      }
    },
  });
  return nrCached;
}
