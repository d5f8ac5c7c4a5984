// How a step of the walk behind hmm_range_fault() ends when it is no error.

export const HMM_WALK_OK = 0;
/** `world.pendingWait` says what for; the range says where to go on. */
export const HMM_WALK_WAIT = 1;
/** The range's `faultPage`, `faultEnd` and `isWriteFault` say what to fault in. */
export const HMM_WALK_FAULT = 2;
