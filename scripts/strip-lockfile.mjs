// Removes the download addresses from package-lock.json, so that the lock file names no registry
// and every machine uses its own. Run it after any change of dependencies. npm's own option for
// this also drops the versions of optional packages of other platforms, which breaks `npm ci`.
import { readFileSync, writeFileSync } from "node:fs";

const path = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(path, "utf8"));
for (const entry of Object.values(lock.packages)) {
  if (!entry.link) delete entry.resolved;
}
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
