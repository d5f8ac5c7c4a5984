// What an access by a CPU came to, in the words of `expect`.
import { ACCESS_SIGBUS, ACCESS_WAIT, type AccessResult } from "@faultline/engine";

/** What an access by a CPU came to: `ok`, a signal, or OOM. */
export function accessResult(access: AccessResult): string {
  if (access === 0) return "ok";
  if (access === ACCESS_SIGBUS) return "SIGBUS";
  return access === ACCESS_WAIT ? "OOM" : "SIGSEGV";
}
