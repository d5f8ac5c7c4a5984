import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GoldenReport, replayGolden } from "../golden/golden-report.ts";
import { loadMemlockFolder } from "./load-memlock-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "faultline-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => mkdirSync(join(folder, "xml")));

const row = {
  input: {
    name: "power",
    arch: "ppc64",
    mem_kib: 1_048_576,
    phbs: 1,
    hostdevs: [{ addr: "0006:00:00.0", nvlink2_bridge: true }],
  },
  memory_total_kib: 1_048_576,
  limit_bytes_libvirt_12_8: 275_981_008_896,
  limit_bytes_libvirt_9_0: 275_981_008_896,
  limit_bytes_libvirt_9_0_forceVFIO: 275_981_008_896,
  unlimited: false,
};
const XML = `<domain type='kvm'><name>power</name><memory>1048576</memory>
<os><type arch='ppc64'>hvm</type></os><devices>
<controller type='pci' model='pci-root'><model name='spapr-pci-host-bridge'/></controller>
<hostdev type='pci'><source><address domain='6' bus='0' slot='0' function='0'/></source></hostdev>
</devices></domain>`;

function replay(rows: unknown, own: unknown, xml: string = XML): GoldenReport {
  writeFileSync(join(folder, "rows.json"), JSON.stringify(rows));
  writeFileSync(join(folder, "libvirt-own-test.json"), JSON.stringify(own));
  writeFileSync(join(folder, "xml", "power.xml"), xml);
  return replayGolden(loadMemlockFolder(folder));
}

describe("recorded limits", () => {
  const rows = ["pc-kvm", "pseries-hostdev", "pseries-hardlimit+locked+hostdev", "pc-locked"];
  const limits = [0, 4_320_133_120, 2 ** 31, 2 ** 53 - 1];
  const own = { rows: rows.map((name, at) => ({ name, limit_bytes: limits[at] })) };

  test("pass when they are ours, from the row and from the XML", () => {
    expect(replay([row], own)).toMatchObject({ passed: 5, failed: 0, problems: [] });
  });

  test("fail where the XML says something else than the row", () => {
    const { failures } = replay([row], { rows: [] }, XML.replace("1048576", "1048575"));
    expect(failures).toMatchObject([{ case: "power", place: "xml.memory_total_kib" }]);
    expect(replay([row], { rows: [] }, "<domain").failures).toMatchObject([{ case: "power" }]);
  });

  test("that are not well formed are problems", () => {
    const bad = [1, { input: {} }, { input: { ...row.input, phbs: -1 } }];
    const { passed, problems } = replay([row, ...bad], { rows: [{ name: "vax-kvm" }] });
    expect(passed).toBe(1);
    expect(problems.map(({ message }) => message)).toEqual([
      "row 1: must have an `input`",
      "row 2: `name`, `arch` and `virt` must be texts",
      "row 3: `phbs` must be a count, not -1",
      "row 0: unknown domain: vax-kvm",
    ]);
  });
});

const shared = process.env["FAULTLINE_FIXTURES"];

test.skipIf(shared === undefined)("every limit of the shared folder is ours", () => {
  const report = replayGolden(loadMemlockFolder(join(shared ?? "", "platform")));
  expect(report.failures).toEqual([]);
  expect(report.passed).toBeGreaterThan(0);
});
