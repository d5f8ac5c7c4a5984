// struct hmm_dmirror_cmd: what one ioctl of the test driver takes and gives.
import { checkWholeNumber, EINVAL, MAX_PAGES } from "@faultline/core";

/** Range, data and counters of one command. */
export interface DmirrorCmd {
  readonly start: number;
  readonly nrPages: number;
  /** One content token per page: read from the device, or to be written to it. */
  readonly data: Uint32Array;
  /** Pages that the command counted; meaningless after an error. */
  cpages: number;
  /** How often the device had to fault; meaningless after an error. */
  faults: number;
}

/** A command over a range, with room for its data. */
export function createDmirrorCmd(start: number, nrPages: number): DmirrorCmd {
  checkWholeNumber(start, "start");
  checkWholeNumber(nrPages, "nrPages", 0, Math.min(2 ** 32 - 1, MAX_PAGES - start));
  return { start, nrPages, data: new Uint32Array(nrPages), cpages: 0, faults: 0 };
}

/**
 * What every command refuses before it looks at anything else.
 * @kernelpart lib/test_hmm.c dmirror_fops_unlocked_ioctl (v7.2) the checks that every command has
 * in common
 */
export function checkDmirrorCmd(cmd: DmirrorCmd): number {
  if (cmd.nrPages <= 0) return -EINVAL;
  cmd.cpages = 0;
  cmd.faults = 0;
  return 0;
}
