// Thrown where a caller hands the replayer a record that was never checked.

/** A record field that is no text of the record format. Files are checked before; see load-files.ts. */
export class MalformedRecordError extends Error {
  override readonly name = "MalformedRecordError";
}
