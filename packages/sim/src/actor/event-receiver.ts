// Whatever an event can be for.

/** Something that the run loop calls when its event is due. */
export interface EventReceiver {
  /** Its number in the event queue; `sim.addReceiver()` gives it. */
  readonly id: number;
  /** Called when its event is due. */
  fire(): void;
}
