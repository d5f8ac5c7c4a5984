import { MPOL_BIND, World } from "@faultline/core";
import { describe, expect, it } from "vitest";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { vmaSetPolicy } from "../vma/vma-set-policy.ts";
import { createFile } from "./create-file.ts";
import { filemapGetPage } from "./filemap.ts";
import { fileRead, fileWrite } from "./read-write.ts";

const NODE_PAGES = 2 ** 18;

function twoNodes(): World {
  return new World({
    nodes: [
      { nrPages: NODE_PAGES, cpus: [0] },
      { nrPages: NODE_PAGES, cpus: [1] },
    ],
  });
}

describe("fileWrite", () => {
  it("allocates what is missing, keeps what is there and grows the file", () => {
    const world = new World();
    const task = world.createTask(0);
    const file = createFile(world, "tmpfs", 2);
    expect(runToCompletion(fileWrite(world, task, file, 1, [7, 8]))).toBe(2);
    const pfn = filemapGetPage(world, file, 1);
    expect(runToCompletion(fileWrite(world, task, file, 1, [9]))).toBe(1);
    expect(filemapGetPage(world, file, 1)).toBe(pfn);
    expect(file.nrPages).toBe(3);
    const tokens: number[] = [];
    expect(runToCompletion(fileRead(world, task, file, 0, 8, tokens))).toBe(3);
    expect(tokens).toEqual([0, 9, 8]);
  });

  it("places shared memory by the policy of a mapping, other files by the task's", () => {
    const world = twoNodes();
    const task = world.createTask(0);
    for (const [kind, node] of [
      ["tmpfs", 1],
      ["ramfs", 0],
    ] as const) {
      const file = createFile(world, kind, 16);
      const prot = PROT_READ | PROT_WRITE;
      const request = { start: 0x100000, nrPages: 8, prot, shared: true, file, pgoff: 4 };
      expect(runToCompletion(sysMmap(world, task, request))).toBe(0);
      const policy = { mode: MPOL_BIND, nodes: [1] } as const;
      expect(vmaSetPolicy(world, task.mm, 0x100000, 0x100008, policy)).toBe(0);
      runToCompletion(fileWrite(world, task, file, 3, [1, 2]));
      expect(world.frames.nodeOf(filemapGetPage(world, file, 3))).toBe(0);
      expect(world.frames.nodeOf(filemapGetPage(world, file, 4))).toBe(node);
    }
  });
});

describe("fileRead", () => {
  it("fills the cache for holes of ramfs only", () => {
    const world = new World();
    const task = world.createTask(0);
    for (const [kind, nrCached] of [
      ["tmpfs", 0],
      ["ramfs", 3],
    ] as const) {
      const file = createFile(world, kind, 4);
      const tokens: number[] = [];
      expect(runToCompletion(fileRead(world, task, file, 1, 3, tokens))).toBe(3);
      expect(tokens).toEqual([0, 0, 0]);
      expect(file.nrCached).toBe(nrCached);
    }
  });

  it("ends at the end of the file", () => {
    const world = new World();
    const file = createFile(world, "tmpfs", 4);
    const verb = fileRead(world, world.createTask(0), file, 6, 2, []);
    expect(runToCompletion(verb)).toBe(0);
  });
});
