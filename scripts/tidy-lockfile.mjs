// Makes package-lock.json independent of the machine that wrote it; run it after `npm install`.
//
// 1. Download addresses are removed: the lock file names no registry, each machine uses its own.
//    (npm's own option for this also drops what it knows of other platforms.)
// 2. A registry may hold a native package for the writer's platform only; npm then leaves the other
//    platforms out and `npm ci` calls the file out of sync. They are added with the version that
//    their owner pins and the platform that their name states.
import { readFileSync, writeFileSync } from "node:fs";

const path = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(path, "utf8"));

const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "sunos"];
systems.push("win32", "openharmony");
const cpus = ["arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64"];

/** What a name such as `@scope/binding-linux-x64-musl` says about its platform, or null. */
function platformOf(name) {
  const words = name.split("/").pop().split(/[-.]/);
  if (words.includes("wasm32")) return { cpu: ["wasm32"] };
  const os = words.find((word) => systems.includes(word));
  const cpu = words.find((word) => cpus.includes(word.replace(/^ppc64le$/, "ppc64")));
  if (os === undefined || cpu === undefined) return null;
  const libc = words.includes("musl") ? ["musl"] : words.includes("gnu") ? ["glibc"] : undefined;
  const fields = { cpu: [cpu.replace(/^ppc64le$/, "ppc64")], os: [os] };
  return libc === undefined ? fields : { ...fields, libc };
}

for (const entry of Object.values(lock.packages)) {
  if (!entry.link) delete entry.resolved;
}
for (const [at, owner] of Object.entries({ ...lock.packages })) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    const platform = platformOf(name);
    const places = [`node_modules/${name}`, `${at}/node_modules/${name}`];
    const held = places.some((place) => lock.packages[place]?.version === version);
    if (held || platform === null || !/^\d/.test(version)) continue;
    const place = lock.packages[places[0]] ? places[1] : places[0];
    lock.packages[place] = { version, ...platform, dev: owner.dev === true, optional: true };
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
);
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
