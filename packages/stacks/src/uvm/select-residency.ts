// Where NVIDIA UVM puts a page that a processor faulted on: eleven rules, the first that holds
// decides (uvm_va_block.c, block_select_processor_residency).
import type { DeviceAccessKind } from "../device/device-stack.ts";

/** A processor of a VA space: the CPU, or a GPU by its number from 1. */
export type UvmProcessor = number;

/** All CPUs together. */
export const UVM_ID_CPU: UvmProcessor = 0;

/** What is known of the processors of a VA space. */
export interface UvmProcessors {
  hasMemory(processor: UvmProcessor): boolean;
  /** Whether `from` can map memory of `to`. */
  canAccess(from: UvmProcessor, to: UvmProcessor): boolean;
  /** Whether the link from `from` to `to` carries atomics. */
  hasNativeAtomics(from: UvmProcessor, to: UvmProcessor): boolean;
}

/** One page and the fault on it. */
export interface ResidencyQuestion {
  readonly faulting: UvmProcessor;
  readonly access: DeviceAccessKind;
  /** `uvm_fault_force_sysmem`, a page that cannot migrate, or HMM that wants it on the CPU. */
  readonly mustBeCpu: boolean;
  readonly isReadDuplicated: boolean;
  readonly preferred: UvmProcessor | null;
  readonly isHmmBlock: boolean;
  /** Where the thrashing detection pins the page. */
  readonly pinned: UvmProcessor | null;
  /** Where the page is, or null when it is nowhere. */
  readonly resident: UvmProcessor | null;
  readonly isAccessedBy: boolean;
  /** An access counter asks, not a fault. */
  readonly isAccessCounter: boolean;
  /** `uvm_perf_map_remote_on_native_atomics_fault`. */
  readonly mapRemoteOnNativeAtomicsFault: boolean;
  /** The CPU fault comes from another process's context: ODP, ptrace. */
  readonly isForeignContext: boolean;
}

/** Where the page goes, and the number of the rule that said so. */
export interface ResidencyChoice {
  readonly residency: UvmProcessor;
  readonly rule: number;
}

/** Chooses; a processor without memory of its own is replaced by the CPU. */
export function selectResidency(
  question: ResidencyQuestion,
  processors: UvmProcessors,
): ResidencyChoice {
  const { residency, rule } = fixedPlace(question, processors) ?? movable(question, processors);
  return { residency: processors.hasMemory(residency) ? residency : UVM_ID_CPU, rule };
}

/** Rules 1 to 6: the place does not depend on where the page is now. */
function fixedPlace(
  question: ResidencyQuestion,
  processors: UvmProcessors,
): ResidencyChoice | null {
  const { faulting, preferred, pinned } = question;
  if (question.mustBeCpu) return { residency: UVM_ID_CPU, rule: 1 };
  if (question.isReadDuplicated) return { residency: faulting, rule: 2 };
  if (faulting === preferred) return { residency: faulting, rule: 3 };
  if (faulting === UVM_ID_CPU && question.isHmmBlock) return { residency: UVM_ID_CPU, rule: 4 };
  if (pinned !== null) return { residency: pinned, rule: 5 };
  if (question.resident !== null) return null;
  const isReached = preferred !== null && processors.canAccess(faulting, preferred);
  return { residency: isReached ? preferred : faulting, rule: 6 };
}

/** Rules 7 to 11: the page stays, goes where it is preferred, or comes to who asks. */
function movable(question: ResidencyQuestion, processors: UvmProcessors): ResidencyChoice {
  const { faulting, preferred } = question;
  const resident = question.resident ?? faulting;
  const isReached = processors.canAccess(faulting, resident);
  if (isReached && question.isAccessedBy && !question.isAccessCounter) {
    return { residency: resident, rule: 7 };
  }
  const isAtomicOverLink =
    question.access === "atomic" && processors.hasNativeAtomics(faulting, resident);
  if (isAtomicOverLink && question.mapRemoteOnNativeAtomicsFault) {
    return { residency: resident, rule: 8 };
  }
  if (preferred !== null && processors.canAccess(faulting, preferred)) {
    return { residency: preferred, rule: 9 };
  }
  if (faulting === UVM_ID_CPU && question.isForeignContext && isReached) {
    return { residency: resident, rule: 10 };
  }
  return { residency: faulting, rule: 11 };
}
