// Which kernel a world behaves like. A preset is the set of its known defects; each defect is a
// switch of its own, so that a user can look at one in isolation.

/** Defects of released kernels that change observable behaviour. */
export interface KernelDefects {
  /**
   * hmm_range_fault() names the frames of a PMD-mapped device-private folio from its head, without
   * the offset of the range inside the block (mm/hmm.c hmm_vma_handle_absent_pmd).
   */
  readonly absentPmdFrameOffset: boolean;
  /**
   * nouveau's fault handler does not take its "atomic" mark back between the entries of one batch,
   * so that every entry behind an atomic one is made exclusive too (nouveau_svm.c
   * nouveau_svm_fault).
   */
  readonly nouveauAtomicMark: boolean;
  /**
   * nouveau enters a page of its own memory as hmm_range_fault() reports it. A page that fork or a
   * change of protection has made read-only is never faulted, so that a write to it faults for ever
   * (nouveau_svm.c nouveau_range_fault; by reading).
   */
  readonly nouveauOwnReadOnly: boolean;
}

/** A kernel version by name, with the defects it has. */
export interface KernelPreset {
  readonly name: string;
  readonly defects: KernelDefects;
}

/** Linux 7.2.12 as released. */
export const KERNEL_7_2_12: KernelPreset = {
  name: "7.2.12",
  defects: { absentPmdFrameOffset: true, nouveauAtomicMark: true, nouveauOwnReadOnly: true },
};

/** The same designs with the listed defects off: the default of a world. */
export const KERNEL_7_2_FIXED: KernelPreset = {
  name: "7.2-fixed",
  defects: { absentPmdFrameOffset: false, nouveauAtomicMark: false, nouveauOwnReadOnly: false },
};

/** Every preset that a scenario or the command line can name. */
export const KERNEL_PRESETS: readonly KernelPreset[] = [KERNEL_7_2_12, KERNEL_7_2_FIXED];
