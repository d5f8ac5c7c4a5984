// migrate_pages: everything a process has on some nodes moves to others. Mirrors do_migrate_pages
// of mm/mempolicy.c for the calling process.
import { EINVAL, type MmStruct, type TaskStruct, type World } from "@faultline/core";
import { checkNodes, checkTask } from "../check-arguments.ts";
import { migrateFolioList } from "../migrate/migrate-folio-list.ts";
import { mmapReadLock, mmapReadUnlock } from "../mmap-lock.ts";
import type { Verb } from "../verb.ts";
import { targetOnNode } from "./alloc-target.ts";
import { FolioList } from "./folio-isolation.ts";
import { queueFolios } from "./queue-folios.ts";
import { MPOL_MF_MOVE, MPOL_MF_MOVE_ALL } from "./sys-move-pages.ts";

/**
 * Moves the folios of each node of `from` to the node at the same position of `to`, which is used
 * again from its start when it is shorter. With CAP_SYS_NICE shared folios move too.
 * @returns the number of folios not moved, or -EINVAL.
 * @kernel mm/mempolicy.c do_migrate_pages (v7.2)
 */
export function* sysMigratePages(
  world: World,
  task: TaskStruct,
  from: readonly number[],
  to: readonly number[],
  isCapable = true,
): Verb {
  checkTask(world, task);
  checkNodes(from, "from");
  checkNodes(to, "to");
  const hasMemory = (node: number): boolean => (world.nodes[node]?.nrPages ?? 0) > 0;
  if (to.length === 0 || !to.every(hasMemory)) return -EINVAL;
  const flags = isCapable ? MPOL_MF_MOVE_ALL : MPOL_MF_MOVE;
  const pairs = from
    .map((source, i) => ({ source, dest: to[i % to.length] as number }))
    .filter(({ source, dest }) => source !== dest);
  let nrFailed = 0;
  yield* mmapReadLock(world, task.mm);
  while (pairs.length > 0) {
    // A node that nothing is to leave any more is filled first, so that no folio moves twice.
    const isFree = (dest: number): boolean => pairs.every(({ source }) => source !== dest);
    const at = Math.max(
      0,
      pairs.findIndex(({ dest }) => isFree(dest)),
    );
    const [pair] = pairs.splice(at, 1);
    if (pair !== undefined) nrFailed += migrateToNode(world, task.mm, pair, flags);
  }
  mmapReadUnlock(task.mm);
  return nrFailed;
}

/** @kernel mm/mempolicy.c migrate_to_node (v7.2) */
function migrateToNode(
  world: World,
  mm: MmStruct,
  pair: { readonly source: number; readonly dest: number },
  flags: number,
): number {
  const first = mm.vmas[0];
  const last = mm.vmas[mm.vmas.length - 1];
  if (first === undefined || last === undefined) return 0;
  const list = new FolioList();
  const nrFailed = queueFolios(world, {
    mm,
    start: first.vmStart,
    end: last.vmEnd,
    isWanted: (node) => node === pair.source,
    flags,
    allowsHoles: true,
    list,
  });
  const heads = list.takeAll();
  world.recorder?.note("migrate-pages", mm.mmId, first.vmStart, heads.length);
  return nrFailed + migrateFolioList(world, heads, targetOnNode(world, pair.dest));
}
