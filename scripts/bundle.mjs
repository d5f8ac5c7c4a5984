// Puts programs and the packages that they use into a few files: the command line into
// packages/faultline/cli, because opening hundreds takes longer than most commands, and the
// benchmarks, which measure what the command line runs, into bench/dist/cli. Part of
// `npm run build`.
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { licencesOf } from "./licences-of.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

// What prices nothing should not have to read the profiles, which the simulator names.
const PROFILES = { name: "profiles", test: /packages\/profiles\/dist\//, priority: 1 };
// Compiled code knows the constants of its own module only, so the simulator is one.
const SIMULATOR = { name: "simulator", test: /packages\/(core|engine|stacks|sim)\/dist\// };

const commandLine = `${root}packages/faultline/dist`;
// Workers load the modules of jobs by their addresses, so each is a file of its own.
const jobs = readdirSync(commandLine, { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith("-job.js"),
);
const modules = await bundle(commandLine, ["main.js", ...jobs], `${root}packages/faultline/cli`);
writeFileSync(`${root}packages/faultline/cli/LICENCES.txt`, licencesOf(modules));

const benchmarks = ["main.js", "predict.js", "scale.js", "vs-host.js"];
await bundle(`${root}bench/dist`, benchmarks, `${root}bench/dist/cli`);

/** Bundles programs of a folder; the modules that went in. */
async function bundle(source, programs, target) {
  const build = await rolldown({
    input: programs.map((path) => `${source}/${path}`),
    // One starts workers from a file of its own, the other's licence is not ours to hand on.
    external: ["tinypool", /^elkjs/],
    platform: "node",
    onLog: (_level, log) => {
      throw new Error(`bundling ${source}: ${log.message}`);
    },
  });
  rmSync(target, { recursive: true, force: true });
  const { output } = await build.write({
    dir: target,
    chunkFileNames: "[name].js",
    codeSplitting: { groups: [SIMULATOR, PROFILES] },
  });
  await build.close();
  return output.flatMap((part) => (part.type === "chunk" ? part.moduleIds : []));
}
