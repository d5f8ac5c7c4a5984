// Which package may import what. A package may import the packages named for it, nothing else.

/** What the import rules say about one package. */
export interface PackageRule {
  /** Packages of ours it may import. */
  readonly ours: readonly string[];
  /** Packages of others it may import. */
  readonly others: readonly string[];
  /** Files that may use Node: all, none, or those that match. */
  readonly node: boolean | RegExp;
}

/** By folder name, lowest package first; imports go only to packages above in this list. */
export const packageRules: Readonly<Record<string, PackageRule>> = {
  core: { ours: [], others: [], node: false },
  engine: { ours: ["core"], others: [], node: false },
  stacks: { ours: ["core", "engine"], others: [], node: false },
  diagnostics: {
    ours: [],
    others: ["fastest-levenshtein", "string-width", "yaml", "zod"],
    node: false,
  },
  platform: {
    ours: ["core", "diagnostics"],
    others: ["modern-tar", "saxes", "yaml", "zod"],
    node: /-node\.ts$/,
  },
  profiles: {
    ours: ["core", "diagnostics"],
    others: ["zod", "immer", "d3-array"],
    node: false,
  },
  sim: { ours: ["core", "engine", "stacks", "profiles"], others: [], node: false },
  report: {
    ours: ["core", "engine", "sim"],
    others: ["elkjs", "d3-array", "d3-scale", "hyparquet", "hyparquet-writer", "protobufjs"],
    node: /-node\.ts$/,
  },
  scenario: {
    ours: ["core", "engine", "stacks", "diagnostics", "platform", "profiles", "sim"],
    others: ["immer", "zod", "d3-array"],
    node: /-node\.ts$/,
  },
  conformance: {
    ours: ["core", "engine", "stacks", "diagnostics", "platform"],
    others: [],
    node: true,
  },
  faultline: {
    ours: [
      "core",
      "engine",
      "stacks",
      "diagnostics",
      "profiles",
      "sim",
      "platform",
      "report",
      "scenario",
      "conformance",
    ],
    // The bundled command line loads elkjs itself.
    others: ["elkjs", "commander", "cli-table3", "@bomb.sh/tab", "tinypool"],
    node: true,
  },
  bench: {
    ours: ["core", "engine", "stacks", "sim", "profiles", "diagnostics", "scenario"],
    others: ["tinybench", "d3-array"],
    node: true,
  },
};

/** Packages that tests may use everywhere. */
export const testPackages: readonly string[] = [
  "vitest",
  "fast-check",
  "@fast-check/vitest",
  "hyparquet",
  "protobufjs",
];

/** The package part of a module specifier: `@scope/name` or `name`, without a path inside. */
export function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** The folder of one of our packages by its name; null for a package of others. */
export function ownPackage(name: string): string | null {
  if (name === "faultline") return "faultline";
  return name.startsWith("@faultline/") ? name.slice("@faultline/".length) : null;
}
