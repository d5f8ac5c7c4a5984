// Thrown where a caller hands the replayer a record that was never checked.

/** A record that does not follow the format; loadFiles() never returns one. */
export class MalformedRecordError extends Error {
  override readonly name = "MalformedRecordError";
}
