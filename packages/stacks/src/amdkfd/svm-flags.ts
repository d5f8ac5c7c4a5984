// Flags of a range, as user space sets and clears them. Mirrors KFD_IOCTL_SVM_FLAG_* of
// include/uapi/linux/kfd_ioctl.h. Nothing here caches, so the flags about coherence change nothing,
// and nothing fetches instructions; the kernel itself looks at neither HIVE_LOCAL nor
// GPU_READ_MOSTLY.

/** Each flag with its bit. */
export const KFD_IOCTL_SVM_FLAGS = {
  KFD_IOCTL_SVM_FLAG_HOST_ACCESS: 0x01,
  KFD_IOCTL_SVM_FLAG_COHERENT: 0x02,
  KFD_IOCTL_SVM_FLAG_HIVE_LOCAL: 0x04,
  /** The GPU may only read. */
  KFD_IOCTL_SVM_FLAG_GPU_RO: 0x08,
  KFD_IOCTL_SVM_FLAG_GPU_EXEC: 0x10,
  KFD_IOCTL_SVM_FLAG_GPU_READ_MOSTLY: 0x20,
  /** The range stays mapped with retry faults, too: a change of it stops the queues. */
  KFD_IOCTL_SVM_FLAG_GPU_ALWAYS_MAPPED: 0x40,
  KFD_IOCTL_SVM_FLAG_EXT_COHERENT: 0x80,
} as const;

/** The name of a flag. */
export type SvmFlagName = keyof typeof KFD_IOCTL_SVM_FLAGS;

/** Their names, for those who check input. */
export const SVM_FLAG_NAMES: readonly SvmFlagName[] = Object.keys(
  KFD_IOCTL_SVM_FLAGS,
) as SvmFlagName[];

/** What a new range has. */
export const DEFAULT_SVM_FLAGS: number =
  KFD_IOCTL_SVM_FLAGS.KFD_IOCTL_SVM_FLAG_HOST_ACCESS |
  KFD_IOCTL_SVM_FLAGS.KFD_IOCTL_SVM_FLAG_COHERENT;

/** The bits of some flags. */
export function svmFlagBits(names: readonly SvmFlagName[]): number {
  return names.reduce((bits, name) => bits | KFD_IOCTL_SVM_FLAGS[name], 0);
}

/** Whether flags hold one flag. */
export function hasSvmFlag(flags: number, name: SvmFlagName): boolean {
  return (flags & KFD_IOCTL_SVM_FLAGS[name]) !== 0;
}
