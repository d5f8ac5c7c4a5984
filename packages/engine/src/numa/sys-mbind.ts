// mbind: a policy for a range, and what is already there moved to fit. Mirrors do_mbind of
// mm/mempolicy.c; MPOL_MF_LAZY and the modes that balance are left out.
import { EINVAL, EIO, EPERM, type Mempolicy, type TaskStruct, type World } from "@faultline/core";
import { checkCall, checkPolicy } from "../check-arguments.ts";
import { migrateFolioList } from "../migrate/migrate-folio-list.ts";
import { mmapWriteLock, mmapWriteUnlock } from "../mmap-lock.ts";
import type { Verb } from "../verb.ts";
import { vmaSetPolicy } from "../vma/vma-set-policy.ts";
import { targetByPolicy } from "./alloc-target.ts";
import { FolioList } from "./folio-isolation.ts";
import { queueFolios } from "./queue-folios.ts";
import { MPOL_MF_MOVE, MPOL_MF_MOVE_ALL, MPOL_MF_STRICT } from "./sys-move-pages.ts";
import { hasMemory } from "./sys-set-mempolicy.ts";

const MPOL_MF_VALID = MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL;

/**
 * Sets the policy of `nrPages` pages from `start` on; null is MPOL_DEFAULT.
 * @returns 0; -EFAULT for a hole (allowed with MPOL_DEFAULT); -EIO when MPOL_MF_STRICT finds pages
 * that are not and cannot be brought where the policy wants them.
 * @kernel mm/mempolicy.c do_mbind (v7.2)
 */
export function* sysMbind(
  world: World,
  task: TaskStruct,
  start: number,
  nrPages: number,
  policy: Mempolicy | null,
  flags = 0,
  isCapable = true,
): Verb {
  checkCall(world, task, start, nrPages);
  checkPolicy(policy);
  if ((flags & ~MPOL_MF_VALID) !== 0) return -EINVAL;
  if (policy !== null && !hasMemory(world, policy)) return -EINVAL;
  if ((flags & MPOL_MF_MOVE_ALL) !== 0 && !isCapable) return -EPERM;
  if (nrPages === 0) return 0;
  const mm = task.mm;
  const end = start + nrPages;
  const effective = policy === null ? flags & ~MPOL_MF_STRICT : flags;
  const list = new FolioList();
  yield* mmapWriteLock(world, mm);
  const nrFailed = queueFolios(world, {
    mm,
    start,
    end,
    isWanted: (node) => policy === null || !policy.nodes.includes(node),
    flags: effective,
    allowsHoles: policy === null,
    list,
  });
  const result = nrFailed < 0 ? nrFailed : vmaSetPolicy(world, mm, start, end, policy);
  mmapWriteUnlock(mm);
  if (result !== 0) return result;
  const nrStuck = migrateFolioList(world, list.takeAll(), targetByPolicy(world, task, policy));
  world.recorder?.note("mbind", mm.mmId, start, nrPages);
  return nrFailed + nrStuck > 0 && (effective & MPOL_MF_STRICT) !== 0 ? -EIO : 0;
}
