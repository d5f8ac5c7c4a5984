// Error numbers of Linux on x86-64, as the kernel's functions return them: negative values.

/** Operation not permitted. */
export const EPERM = 1;
/** No such file or directory; of a page: nothing is there. */
export const ENOENT = 2;
/** Input/output error. */
export const EIO = 5;
/** Try again. */
export const EAGAIN = 11;
/** Out of memory; of an address range: not mapped. */
export const ENOMEM = 12;
/** Permission denied. */
export const EACCES = 13;
/** Bad address. */
export const EFAULT = 14;
/** Device or resource busy; of a page: somebody else holds it. */
export const EBUSY = 16;
/** Already exists. */
export const EEXIST = 17;
/** Cross-device link. */
export const EXDEV = 18;
/** No such device. */
export const ENODEV = 19;
/** Invalid argument. */
export const EINVAL = 22;
/** File too large. */
export const EFBIG = 27;
/** No space left on the device. */
export const ENOSPC = 28;
/** Result out of range. */
export const ERANGE = 34;
/** Resource deadlock would occur. */
export const EDEADLK = 35;
/** Function not implemented; of a driver: what the device would need is switched off. */
export const ENOSYS = 38;
/** No data available. */
export const ENODATA = 61;
/** Timer expired. */
export const ETIME = 62;
/** The link has been severed; of a device: not one of the group. */
export const ENOLINK = 67;
/** Value too large for its type. */
export const EOVERFLOW = 75;
/** Operation not supported. */
export const EOPNOTSUPP = 95;
/** Remote input/output error. */
export const EREMOTEIO = 121;

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
  [EXDEV, "EXDEV"],
  [ENODEV, "ENODEV"],
  [EINVAL, "EINVAL"],
  [EFBIG, "EFBIG"],
  [ENOSPC, "ENOSPC"],
  [ERANGE, "ERANGE"],
  [EDEADLK, "EDEADLK"],
  [ENOSYS, "ENOSYS"],
  [ENODATA, "ENODATA"],
  [ETIME, "ETIME"],
  [ENOLINK, "ENOLINK"],
  [EOVERFLOW, "EOVERFLOW"],
  [EOPNOTSUPP, "EOPNOTSUPP"],
  [EREMOTEIO, "EREMOTEIO"],
]);

/**
 * The symbolic name of a kernel result, with or without its minus sign.
 * @returns for example `EFAULT` for -14, or `errno 123` for a number the table does not hold.
 */
export function errnoName(result: number): string {
  const number = Math.abs(result);
  return NAMES.get(number) ?? `errno ${number}`;
}
