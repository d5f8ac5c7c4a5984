// Error numbers of Linux on x86-64, as the kernel's functions return them: negative values.

export const EPERM = 1;
export const ENOENT = 2;
export const EIO = 5;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EACCES = 13;
export const EFAULT = 14;
export const EBUSY = 16;
export const EEXIST = 17;
export const ENODEV = 19;
export const EINVAL = 22;
export const EFBIG = 27;
export const ENOSPC = 28;
export const ERANGE = 34;
export const EOPNOTSUPP = 95;

const NAMES: ReadonlyMap<number, string> = new Map([
  [EPERM, "EPERM"],
  [ENOENT, "ENOENT"],
  [EIO, "EIO"],
  [EAGAIN, "EAGAIN"],
  [ENOMEM, "ENOMEM"],
  [EACCES, "EACCES"],
  [EFAULT, "EFAULT"],
  [EBUSY, "EBUSY"],
  [EEXIST, "EEXIST"],
  [ENODEV, "ENODEV"],
  [EINVAL, "EINVAL"],
  [EFBIG, "EFBIG"],
  [ENOSPC, "ENOSPC"],
  [ERANGE, "ERANGE"],
  [EOPNOTSUPP, "EOPNOTSUPP"],
]);

/**
 * The symbolic name of a kernel result, with or without its minus sign.
 * @returns for example `EFAULT` for -14, or `errno 123` for a number the table does not hold.
 */
export function errnoName(result: number): string {
  const number = Math.abs(result);
  return NAMES.get(number) ?? `errno ${number}`;
}
