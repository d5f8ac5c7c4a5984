// Writes etc/faultline.api.md: every export of the library with its signature, as the declarations
// of the build have it, so that a change of the interface is a visible diff. With `--check` nothing
// is written: the exit code says whether the report is up to date.
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
        reportVariants: ["complete"],
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: "lf",
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          ...silent,
          "ae-forgotten-export": { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: true },
        },
        tsdocMessageReporting: silent,
      },
    },
  });
  const { errorCount } = Extractor.invoke(config, { localBuild: true, messageCallback: quiet });
  const text = readFileSync(join(temporary, "faultline.api.md"), "utf8");
  rmSync(temporary, { recursive: true });
  if (errorCount > 0) throw new Error(`${errorCount} errors in ${entry}`);
  // What follows the declarations has paths of this machine in it.
  return text.replace(/\n\/\/ (?:Warnings were encountered|\(No @packageDoc)[\s\S]*$/, "\n```\n");
}

/** Only errors are told: that the report is new in its temporary folder is none. */
function quiet(message) {
  if (message.logLevel !== ExtractorLogLevel.Error) message.handled = true;
}

if (!existsSync(entry)) throw new Error("there is no build: npm run build");
const now = report();
const before = existsSync(path) ? readFileSync(path, "utf8") : "";
if (!isCheck) writeFileSync(path, now);
else if (now !== before) {
  console.error("etc/faultline.api.md is not what the library exports: npm run docs:api-report");
  process.exitCode = 1;
}
