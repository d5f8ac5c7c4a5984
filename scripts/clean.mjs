// Removes every build, so that nothing remains of sources that are gone.
import { readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const packages = readdirSync(`${root}packages`).map((name) => `packages/${name}`);
for (const folder of [...packages, "bench"]) {
  rmSync(`${root}${folder}/dist`, { recursive: true, force: true });
}
rmSync(`${root}packages/faultline/cli`, { recursive: true, force: true });
