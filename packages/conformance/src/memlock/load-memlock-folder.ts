// Recorded locked-memory limits of libvirt: `rows.json`, domains with what two versions answered
// and `xml/NAME.xml` beside it, and `libvirt-own-test.json`, libvirt's own expectations by name.
import {
  type LoadedDomain,
  type LockLimitDomain,
  type LockLimitOptions,
  memoryLockLimit,
  parseDomainXml,
} from "@faultline/platform";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type GoldenFolder,
  hasFile,
  openFolder,
  readJsonFile,
  reportCase,
} from "../golden/golden-folder.ts";
import type { GoldenCase, GoldenFiles } from "../golden/golden-report.ts";
import { isObject, type JsonObject } from "../json-shape.ts";
import { domainOfRow } from "./domain-of-row.ts";
import { ownTestDomain } from "./own-test-domain.ts";

const ROWS = "rows.json";
const OWN_TEST = "libvirt-own-test.json";

/** What a row may record, and the calculation it stands for. */
const LIMITS: readonly (readonly [string, LockLimitOptions])[] = [
  ["limit_bytes_libvirt_12_8", { version: "12.8" }],
  ["limit_bytes_libvirt_9_0", { version: "9.0" }],
  ["limit_bytes_libvirt_9_0_forceVFIO", { version: "9.0", forceVfio: true }],
];

/** Reads a folder; each row is a case, and so is each of libvirt's own. */
export function loadMemlockFolder(path: string): GoldenFiles {
  const folder = openFolder(path, "memlock", [ROWS, OWN_TEST]);
  const cases = [
    ...(hasFile(folder, ROWS) ? rowCases(folder) : []),
    ...(hasFile(folder, OWN_TEST) ? ownTestCases(folder) : []),
  ];
  return { cases, problems: folder.problems };
}

function rowCases(folder: GoldenFolder): GoldenCase[] {
  const rows = readJsonFile(folder, ROWS);
  if (rows === undefined) return [];
  if (!Array.isArray(rows)) {
    reportCase(folder, ROWS, "the file must hold a list of rows");
    return [];
  }
  return rows.flatMap((row: unknown, at) => {
    const found = rowCase(folder, row);
    if (typeof found !== "string") return [found];
    reportCase(folder, ROWS, `row ${at}: ${found}`);
    return [];
  });
}

function rowCase(folder: GoldenFolder, row: unknown): GoldenCase | string {
  if (!isObject(row) || !isObject(row["input"])) return "must have an `input`";
  const domain = domainOfRow(row["input"]);
  if (typeof domain === "string") return domain;
  const { input: _input, ...recorded } = row;
  const xml = join("xml", `${domain.name}.xml`);
  const hasXml = hasFile(folder, xml);
  return {
    name: domain.name,
    expected: { ...recorded, ...(hasXml ? { xml: recorded } : {}) },
    answer: () => ({
      ...limitsOf(domain),
      ...(hasXml ? { xml: xmlAnswer(join(folder.path, xml), domain) } : {}),
    }),
  };
}

/** The same from the domain's XML; which devices are bridges is a fact about the host. */
function xmlAnswer(file: string, { hostdevs }: LockLimitDomain): JsonObject {
  const bridges = new Set(
    hostdevs.filter((one) => one.isNvlink2Bridge).map(({ address }) => address),
  );
  const text = readFileSync(file, "utf8");
  const { domain, diagnostics }: LoadedDomain = parseDomainXml(text, file, (address) =>
    bridges.has(address),
  );
  return domain === null ? { problem: diagnostics[0]?.message } : limitsOf(domain);
}

function limitsOf(domain: LockLimitDomain): JsonObject {
  const limits = LIMITS.map(([name, options]): [string, number] => [
    name,
    Number(memoryLockLimit(domain, options).limitBytes),
  ]);
  return {
    memory_total_kib: Number(domain.memoryKib),
    ...Object.fromEntries(limits),
    unlimited: memoryLockLimit(domain).isUnlimited,
  };
}

function ownTestCases(folder: GoldenFolder): GoldenCase[] {
  const file = readJsonFile(folder, OWN_TEST);
  const rows = isObject(file) ? file["rows"] : undefined;
  if (!Array.isArray(rows)) {
    if (file !== undefined) reportCase(folder, OWN_TEST, "the file must hold a list of `rows`");
    return [];
  }
  return rows.flatMap((row: unknown, at) => {
    const name = isObject(row) && typeof row["name"] === "string" ? row["name"] : "";
    const domain = ownTestDomain(name);
    if (domain !== null && isObject(row)) {
      const expected = { limit_bytes: row["limit_bytes"] };
      const answer = (): JsonObject => {
        return { limit_bytes: Number(memoryLockLimit(domain).limitBytes) };
      };
      return [{ name: `own test ${name}`, expected, answer }];
    }
    reportCase(folder, OWN_TEST, `row ${at}: unknown domain: ${name}`);
    return [];
  });
}
