// Bundles one of our files, with the packages it imports, into one script for a bare JavaScript
// engine.
import { rolldown } from "rolldown";
import { rootPath } from "./source-files.ts";

/** The script; running it defines `bundle`, an object with the file's exports. */
export async function bundleForBrowser(path: string): Promise<string> {
  const build = await rolldown({
    input: rootPath + path,
    platform: "browser",
    resolve: { conditionNames: ["@faultline/source", "import", "browser", "default"] },
    onLog: (_level, log) => {
      throw new Error(`bundling ${path}: ${log.message}`);
    },
  });
  const { output } = await build.generate({ format: "iife", name: "bundle" });
  await build.close();
  const [chunk] = output;
  if (output.length !== 1 || chunk.imports.length > 0) {
    throw new Error(`bundling ${path}: not one file, or imports left: ${chunk.imports.join(", ")}`);
  }
  return chunk.code;
}
