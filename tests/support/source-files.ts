// The files of the repository that are ours, read once.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The root of the repository, with a final slash. */
export const rootPath: string = fileURLToPath(new URL("../../", import.meta.url));

/** One file: its path from the root, with forward slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const skippedFolders = new Set([
  "node_modules",
  "dist",
  "api-docs",
  "cli",
  "coverage",
  "recordings",
  ".git",
  ".cache",
]);
const textNames =
  /\.(?:ts|mts|mjs|js|json|md|yaml|yml|c|h|sh|dts|awk|csv|trace)$|(?:^|\/)(?:run|\.[a-z]+rc)$/;

function walk(folder: string, found: SourceFile[]): SourceFile[] {
  const entries = readdirSync(rootPath + folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder + entry.name;
    if (entry.isDirectory()) {
      if (!skippedFolders.has(entry.name)) walk(`${path}/`, found);
    } else if (textNames.test(path)) {
      found.push({ path, text: readFileSync(rootPath + path, "utf8") });
    }
  }
  return found;
}

/** Every text file of the repository. */
export const allFiles: readonly SourceFile[] = walk("", []);

/** Every TypeScript and JavaScript file. */
export const codeFiles: readonly SourceFile[] = allFiles.filter(({ path }) =>
  /\.(?:ts|mjs)$/.test(path),
);

/** The TypeScript sources of the packages and of bench, tests included. */
export const packageFiles: readonly SourceFile[] = codeFiles.filter(({ path }) =>
  /^(?:packages\/[^/]+|bench)\/src\//.test(path),
);

/** Whether a file is a test of any tier, or exists for tests alone. */
export function isTest(path: string): boolean {
  return /\.(?:test|system|long)\.ts$|^tests\/|\/src\/testing\//.test(path);
}

/** The folder name of the package that a file belongs to, such as `core`; null outside. */
export function packageOf(path: string): string | null {
  return /^(?:packages\/)?([^/]+)\/src\//.exec(path)?.[1] ?? null;
}
