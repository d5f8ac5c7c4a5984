// What copying one VMA at fork needs to know.
import type { TaskStruct, VmAreaStruct, World } from "@faultline/core";

/** What a copy needs to know besides the two VMAs. */
export interface ForkCopy {
  readonly world: World;
  readonly task: TaskStruct;
  readonly child: VmAreaStruct;
  readonly parent: VmAreaStruct;
}
