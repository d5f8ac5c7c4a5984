// The question of where a page goes, put together from what UVM knows of it: policies, thrashing,
// and where it is now. The answer is select-residency.ts.
import type { TaskStruct } from "@faultline/core";
import type { DeviceFaultKind } from "../device/device-stack.ts";
import {
  type ResidencyChoice,
  selectResidency,
  UVM_ID_CPU,
  type UvmProcessor,
} from "./select-residency.ts";
import type { UvmStack } from "./uvm-stack.ts";
import type { UvmVaBlock } from "./uvm-va-block.ts";

/** Who wants a page, and how. */
export interface ResidencyAsker {
  readonly faulting: UvmProcessor;
  readonly access: DeviceFaultKind;
  /** Where the thrashing detection pins the page. */
  readonly pinned: UvmProcessor | null;
  readonly isAccessCounter: boolean;
  /** Whose CPU asks; null for a GPU. */
  readonly task: TaskStruct | null;
}

/**
 * Chooses. An atomic that its place would not carry comes to the GPU, unless it is system memory:
 * there the CPUs give the page up.
 */
export function chooseResidency(
  stack: UvmStack,
  block: UvmVaBlock,
  page: number,
  asker: ResidencyAsker,
): ResidencyChoice {
  const { driver, knobs } = stack;
  const { faulting, access } = asker;
  const { space } = block;
  const policy = space.policies.at(page);
  const home = block.processorOf(page);
  if (stack.isAts && faulting === stack.processor && !asker.isAccessCounter) {
    return { residency: home ?? faulting, rule: ATS_RULE };
  }
  const choice = selectResidency(
    {
      faulting,
      access: access === "prefetch" ? "read" : access,
      mustBeCpu: knobs.uvm_fault_force_sysmem === 1 || !canMigrate(block, page),
      isReadDuplicated: policy.isReadDuplicated,
      preferred: policy.preferred,
      isHmmBlock: knobs["uvm.memory"] === "system",
      pinned: asker.pinned,
      resident: home,
      isAccessedBy: policy.accessedBy.includes(faulting),
      isAccessCounter: asker.isAccessCounter,
      mapRemoteOnNativeAtomicsFault: knobs.uvm_perf_map_remote_on_native_atomics_fault === 1,
      isForeignContext: asker.task !== null && asker.task.mm !== space.mm,
    },
    driver,
  );
  const isCarried =
    access !== "atomic" ||
    choice.residency === UVM_ID_CPU ||
    driver.hasNativeAtomics(faulting, choice.residency);
  return isCarried ? choice : { residency: faulting, rule: choice.rule };
}

/** Number of the rule that holds before all others on ATS systems: faults move nothing. */
export const ATS_RULE = 0;

/** Rule ids by their number, for a recorder. */
export const UVM_RULE_IDS: readonly string[] = [
  "uvm-ats",
  "uvm-must-be-cpu",
  "uvm-read-duplicate",
  "uvm-preferred-here",
  "uvm-hmm-cpu",
  "uvm-pinned",
  "uvm-nowhere",
  "uvm-accessed-by",
  "uvm-remote-atomic",
  "uvm-preferred",
  "uvm-foreign-context",
  "uvm-comes-here",
];

/** Pages of files stay where they are. */
function canMigrate({ space }: UvmVaBlock, page: number): boolean {
  return space.mm.vmaAt(page)?.isAnonymous === true;
}
