// Writes the archive a kernel unpacks as its first file system ("newc" format of cpio).

const FILE = 0o100000;

/** A header of 13 hexadecimal numbers, the name, the data; name and data padded to 4 bytes. */
function entry({ path, mode, data }, number) {
  const name = Buffer.from(`${path}\0`);
  const fields = [number, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length, 0];
  const digits = fields.map((field) => field.toString(16).padStart(8, "0")).join("");
  return [padded(Buffer.concat([Buffer.from(`070701${digits}`), name])), padded(data)];
}

function padded(bytes) {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

/** An archive of regular files; each has a path, a mode and data. */
export function cpioArchive(files) {
  const end = { path: "TRAILER!!!", mode: 0, data: Buffer.alloc(0) };
  const entries = files.map((file, i) => entry({ ...file, mode: FILE | file.mode }, i + 1));
  return Buffer.concat([...entries, entry(end, 0)].flat());
}
