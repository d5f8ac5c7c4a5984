// Puts the command line and the packages that it uses into a few files, packages/faultline/cli:
// opening hundreds takes longer than most commands. Part of `npm run build`.
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { licencesOf } from "./licences-of.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const build = `${root}packages/faultline/dist`;
const target = `${root}packages/faultline/cli`;

// Workers load the modules of jobs by their addresses, so each is a file of its own.
const jobs = readdirSync(build, { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith("-job.js"),
);

const bundle = await rolldown({
  input: ["main.js", ...jobs].map((path) => `${build}/${path}`),
  // One starts workers from a file of its own, the other has a licence that is not ours to hand on.
  external: ["tinypool", /^elkjs/],
  platform: "node",
  onLog: (_level, log) => {
    throw new Error(`bundling the command line: ${log.message}`);
  },
});
rmSync(target, { recursive: true, force: true });
const { output } = await bundle.write({ dir: target, chunkFileNames: "[name].js" });
await bundle.close();

const modules = output.flatMap((part) => (part.type === "chunk" ? part.moduleIds : []));
writeFileSync(`${target}/LICENCES.txt`, licencesOf(modules));
