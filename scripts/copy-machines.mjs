// Puts the machine documents that `faultline bench` runs on beside the build of the command line,
// so that an installed package has them. Part of `npm run build`.
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = `${root}packages/faultline/dist/machines/`;
const list = readFileSync(`${root}packages/faultline/src/machines/shipped-machine.ts`, "utf8");
const names = [...list.matchAll(/^ {2}"([a-z0-9-]+)",$/gm)].map(([, name]) => name);

mkdirSync(target, { recursive: true });
for (const name of names) {
  cpSync(`${root}scenarios/machines/${name}.yaml`, `${target}${name}.yaml`);
}
