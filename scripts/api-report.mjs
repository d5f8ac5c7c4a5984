// Writes etc/faultline.api.md: every export of the library with its signature, as the declarations
// of the build have it, so that a change of the interface is a visible diff. With `--check` nothing
// is written: the exit code says whether the report is up to date. A type that stands in a
// signature and has no name outside is refused either way. What is marked as beta is not in the
// report: the types of zod's schemas are tens of thousands of lines.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";

const root = fileURLToPath(new URL("../", import.meta.url));
const folder = join(root, "packages/faultline");
const entry = join(folder, "dist/index.d.ts");
const path = join(root, "etc/faultline.api.md");
const isCheck = process.argv.includes("--check");

/** The report of what the build declares. API Extractor brings a TypeScript 6 of its own. */
function report() {
  const temporary = mkdtempSync(join(tmpdir(), "faultline-api-"));
  const silent = { default: { logLevel: ExtractorLogLevel.None } };
  const compilerOptions = {
    target: "ES2023",
    lib: ["ES2023", "DOM"],
    module: "NodeNext",
    moduleResolution: "NodeNext",
    strict: true,
    types: ["node"],
    skipLibCheck: true,
  };
  const config = ExtractorConfig.prepare({
    configObjectFullPath: join(folder, "api-extractor.json"),
    packageJsonFullPath: join(folder, "package.json"),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: entry,
      bundledPackages: ["@faultline/*"],
      compiler: { overrideTsconfig: { compilerOptions, files: [entry] } },
      apiReport: {
        enabled: true,
        reportFileName: "faultline.api.md",
        reportFolder: temporary,
        reportTempFolder: temporary,
        reportVariants: ["public"],
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: "lf",
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          ...silent,
          "ae-forgotten-export": { logLevel: ExtractorLogLevel.Warning },
        },
        tsdocMessageReporting: silent,
      },
    },
  });
  const { errorCount } = Extractor.invoke(config, { localBuild: true, messageCallback: heard });
  const text = readFileSync(join(temporary, "faultline.public.api.md"), "utf8");
  rmSync(temporary, { recursive: true });
  if (errorCount > 0) throw new Error(`${errorCount} errors in ${entry}`);
  // What follows the declarations has paths of this machine in it.
  return text.replace(/\n\/\/ (?:Warnings were encountered|\(No @packageDoc)[\s\S]*$/, "\n```\n");
}

/** Types that signatures name and that nobody can import. */
const forgotten = [];

/** Only errors are told: that the report is new in its temporary folder is none. */
function heard(message) {
  if (message.messageId === "ae-forgotten-export") forgotten.push(message.text);
  if (message.logLevel !== ExtractorLogLevel.Error) message.handled = true;
}

if (!existsSync(entry)) throw new Error("there is no build: npm run build");
const now = report();
const before = existsSync(path) ? readFileSync(path, "utf8") : "";
for (const text of forgotten) console.error(text);
if (forgotten.length > 0) process.exitCode = 1;
if (!isCheck) writeFileSync(path, now);
else if (now !== before) {
  console.error("etc/faultline.api.md is not what the library exports: npm run docs:api-report");
  process.exitCode = 1;
}
