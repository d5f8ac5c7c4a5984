// Our tables read by somebody else: iasl of the ACPICA tools (Debian package acpica-tools), the
// disassembler that kernel developers use.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { evaluateDesign } from "./designs/evaluate-design.ts";
import { MIG_EXAMPLE } from "./designs/mig-example.ts";
import { NODE_DESIGNS } from "./designs/node-designs.ts";
import { buildQemuTables } from "./qemu/build-tables.ts";
import { readQemuMachine } from "./qemu/read-qemu-machine.ts";
import { type AcpiTables, writeAcpiTables } from "./tables/acpi-tables.ts";

const folder = mkdtempSync(join(tmpdir(), "faultline-iasl-"));
const hasIasl = spawnSync("iasl", ["-v"]).status === 0;
const reason = "there is no iasl (Debian package acpica-tools)";

afterAll(() => rmSync(folder, { recursive: true }));

/** What iasl makes of a table: its text, and its output about problems. */
function disassemble(name: string, bytes: Uint8Array): { text: string; output: string } {
  const file = join(folder, `${name}.bin`);
  writeFileSync(file, bytes);
  const { status, stdout, stderr } = spawnSync("iasl", ["-d", file], { encoding: "utf8" });
  expect(status).toBe(0);
  return { text: readFileSync(join(folder, `${name}.dsl`), "utf8"), output: stdout + stderr };
}

/** Values of a field, in the order of the table. */
function values(text: string, field: string): string[] {
  const lines = text.matchAll(/^\[[^\]]*\]\s*([^:]+?) : (.*)$/gm);
  return [...lines].filter(([, name]) => name === field).map(([, , value = ""]) => value.trim());
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}

function expectWellFormed({ text, output }: { text: string; output: string }): void {
  expect(output).not.toMatch(/Error|Invalid|Unknown|incorrect|mismatch/i);
  expect(text).not.toMatch(/\*{3,}|Incorrect checksum|Unknown/);
}

const MACHINE =
  "qemu-system-x86_64 -M q35,hmat=on,cxl=on -nodefaults -m 1G,slots=2,maxmem=4G -smp 4 " +
  "-object memory-backend-ram,id=m0,size=512M -numa node,nodeid=0,cpus=0-3,memdev=m0 " +
  "-object memory-backend-ram,id=m1,size=512M -numa node,nodeid=1,memdev=m1,initiator=0 " +
  "-numa node,nodeid=2 -device pci-testdev,id=gpu,addr=04.0,bus=pcie.0 " +
  "-object acpi-generic-initiator,id=gi0,pci-dev=gpu,node=2 " +
  "-device pxb-cxl,id=cxl.0,bus_nr=52,bus=pcie.0 " +
  "-M cxl-fmw.0.targets.0=cxl.0,cxl-fmw.0.size=4G " +
  "-object acpi-generic-port,id=gp0,pci-bus=cxl.0,node=2 " +
  "-numa dist,src=0,dst=1,val=20 -numa dist,src=0,dst=2,val=40 -numa dist,src=1,dst=2,val=41 " +
  "-numa hmat-lb,initiator=0,target=0,hierarchy=memory,data-type=access-latency,latency=90 " +
  "-numa hmat-lb,initiator=2,target=1,hierarchy=memory,data-type=access-latency,latency=250 " +
  "-numa hmat-lb,initiator=0,target=0,hierarchy=memory,data-type=access-bandwidth,bandwidth=100G " +
  "-numa hmat-cache,node-id=0,size=16K,level=1,associativity=direct,policy=write-back,line=64";

function tablesOf(line: string): AcpiTables {
  const { machine, diagnostics } = readQemuMachine(line, "args");
  if (machine === null) throw new Error(diagnostics[0]?.message);
  return buildQemuTables(machine);
}

describe("iasl reads", () => {
  test("every table of a machine that has all of them", ({ skip }) => {
    skip(!hasIasl, reason);
    const tables = tablesOf(MACHINE);
    const written = writeAcpiTables(tables);
    expect([...written.keys()]).toEqual(["srat", "slit", "cedt", "hmat"]);
    const texts = new Map(
      [...written].map(([name, bytes]) => {
        const read = disassemble(`machine-${name}`, bytes);
        // Older versions do not know generic ports, nor all of CXL.
        if (name === "slit" || name === "hmat") expectWellFormed(read);
        return [name, read.text];
      }),
    );
    const entries = tables.srat?.entries ?? [];
    const memory = entries.flatMap((entry) => (entry.kind === "memory" ? [entry] : []));
    const srat = texts.get("srat") ?? "";
    expect(values(srat, "Base Address").map((value) => BigInt(`0x${value}`))).toEqual(
      memory.map(({ base }) => base),
    );
    expect(values(srat, "Address Length").map((value) => BigInt(`0x${value}`))).toEqual(
      memory.map(({ length }) => length),
    );
    expect(values(texts.get("slit") ?? "", "Localities")).toEqual(["0000000000000003"]);
    const units = values(texts.get("hmat") ?? "", "Entry Base Unit");
    expect(units.map((value) => BigInt(`0x${value}`))).toEqual([10_000n, 4096n]);
  });

  test.for(NODE_DESIGNS)("the tables of $id", (design, { skip }) => {
    skip(!hasIasl, reason);
    const { id } = design;
    const { tables } = evaluateDesign(design, MIG_EXAMPLE);
    const entries = tables.srat?.entries ?? [];
    for (const [name, bytes] of writeAcpiTables(tables)) {
      const read = disassemble(`${id}-${name}`, bytes);
      if (name !== "cedt") expectWellFormed(read);
      if (name !== "srat") continue;
      const domains = entries.flatMap((entry) =>
        entry.kind === "memory" || entry.kind === "generic-initiator"
          ? [hex(entry.proximityDomain, 8)]
          : [],
      );
      expect(values(read.text, "Proximity Domain")).toEqual(domains);
    }
  });
});
