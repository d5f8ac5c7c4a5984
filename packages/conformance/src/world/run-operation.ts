// The table of all operations.

import type { OpOutcome } from "../kernel-under-test.ts";
import type { CaseOp, OperationName } from "../operation.ts";
import { CPU_OPERATIONS } from "./cpu-operations.ts";
import { DAEMON_OPERATIONS } from "./daemon-operations.ts";
import { DEVICE_OPERATIONS } from "./device-operations.ts";
import { FILE_OPERATIONS } from "./file-operations.ts";
import { MADVISE_OPERATION } from "./madvise-operation.ts";
import { MEMORY_OPERATIONS } from "./memory-operations.ts";
import { NUMA_OPERATIONS } from "./numa-operations.ts";
import type { OpHandler, OpHandlers, OpScene } from "./op-handler.ts";
import { PIN_OPERATIONS } from "./pin-operations.ts";
import { PROCESS_OPERATIONS } from "./process-operations.ts";
import { USERFAULTFD_OPERATIONS } from "./userfaultfd-operations.ts";

const HANDLERS: OpHandlers<OperationName> = {
  ...CPU_OPERATIONS,
  ...DAEMON_OPERATIONS,
  ...DEVICE_OPERATIONS,
  ...FILE_OPERATIONS,
  ...MADVISE_OPERATION,
  ...MEMORY_OPERATIONS,
  ...NUMA_OPERATIONS,
  ...PIN_OPERATIONS,
  ...PROCESS_OPERATIONS,
  ...USERFAULTFD_OPERATIONS,
  // Races between real threads are not replayed: only their invariants mean anything.
  race: () => ({ e: "ENOSYS" }),
};

/** Carries out an operation of a live process. */
export function runOperation(scene: OpScene, op: CaseOp): OpOutcome {
  const handler = HANDLERS[op.name] as OpHandler<typeof op.name>;
  return handler(scene, op);
}
