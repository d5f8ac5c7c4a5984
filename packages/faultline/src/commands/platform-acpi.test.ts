import { describe, expect, test } from "vitest";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { addPlatformCommand } from "./platform.ts";

const MACHINE =
  "qemu-system-x86_64 -M q35,hmat=on,cxl=on -nodefaults -m 512M -smp 2 " +
  "-object memory-backend-ram,id=m0,size=512M -numa node,nodeid=0,cpus=0-1,memdev=m0 " +
  "-numa node,nodeid=1 -numa dist,src=0,dst=1,val=20 -device pci-testdev,id=gpu,addr=04.0 " +
  "-object acpi-generic-initiator,id=gi0,pci-dev=gpu,node=1 " +
  "-numa hmat-lb,initiator=0,target=0,hierarchy=memory,data-type=access-latency,latency=90";

function run(argv: readonly string[], files: Record<string, string | Uint8Array> = {}) {
  return runCommand(addPlatformCommand, ["platform", ...argv], files);
}

async function build(table: string, ...rest: string[]): Promise<Ran> {
  return run([table, "--qemu-args", MACHINE, ...rest]);
}

describe("faultline platform srat", () => {
  test("prints entries with their places, then what each domain has", async () => {
    const { code, out, err } = await build("srat");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("SRAT revision 1, made by BOCHS BXPC BXPC\n");
    expect(out).toMatch(/^0xf0 {2}generic initiator +1 {2}0000:00:04\.0 +enabled$/m);
    expect(out).toMatch(/^0x50 {2}memory +0 {2}0x0-0x9ffff \(640 KiB\) +enabled$/m);
    expect(out).toMatch(/^ {5}1 {2}- +- +0000:00:04\.0$/m);
  });

  test("writes bytes that come back as the same table", async () => {
    const { code, out, err, writtenBytes } = await build("srat", "-o", "srat.bin");
    expect([code, out, err]).toEqual([0, "", "srat.bin: SRAT, 272 bytes\n"]);
    const bytes = writtenBytes.get("srat.bin") ?? new Uint8Array();
    const parsed = await run(["srat", "--parse", "srat.bin"], { "srat.bin": bytes });
    expect(parsed.out).toBe((await build("srat")).out);
  });

  test("--json has every field, addresses as texts", async () => {
    const { out } = await build("srat", "--json");
    expect(JSON.parse(out)).toMatchObject({
      lengthBytes: 272,
      diagnostics: [],
      srat: {
        header: { revision: 1, oemId: "BOCHS " },
        entries: [
          { at: "0x30", kind: "local-apic", apicId: 0 },
          {},
          { kind: "memory", base: "0x0", length: "0xa0000" },
          {},
          {},
          {},
          { kind: "generic-initiator", handle: { type: "pci", bus: 0, device: 4 } },
        ],
      },
    });
  });

  test("reads the command line from a file", async () => {
    const { out } = await run(["srat", "--qemu-args", "@line.txt"], { "line.txt": MACHINE });
    expect(out).toBe((await build("srat")).out);
  });

  test("refuses what QEMU refuses, pointing at it", async () => {
    const line = MACHINE.replace("pci-dev=gpu,node=1", "pci-dev=gpu,host-nodes=1-2");
    const { code, out, err } = await run(["srat", "--qemu-args", line, "--json"]);
    expect(code).toBe(2);
    expect(err).toContain("E_QEMU_OPTION: acpi-generic-initiator gi0: missing parameter 'node'");
    expect(JSON.parse(out)).toMatchObject({ diagnostics: [{ code: "E_QEMU_OPTION" }, {}] });
  });

  test("refuses a machine on which QEMU crashes, and one that is not modelled", async () => {
    const gi = "-object acpi-generic-initiator,id=gi0,pci-dev=gpu,node=1";
    for (const line of [`-M none ${gi}`, "-M microvm"]) {
      expect((await run(["srat", "--qemu-args", line])).code).toBe(2);
    }
  });

  test("says what a table that is not there would need", async () => {
    const { code, err } = await run(["srat", "--qemu-args", "qemu-system-x86_64 -M q35"]);
    expect(code).toBe(2);
    expect(err).toContain("there is no SRAT\n  hint: it needs -numa node");
  });
});

describe("the other tables", () => {
  test("are printed as matrices and lists", async () => {
    const [slit, hmat, cedt] = await Promise.all(
      ["slit", "hmat", "cedt"].map((name) => build(name)),
    );
    expect(slit?.out).toContain("from   0   1\n   0  10  20\n   1  20  10\n");
    expect(hmat?.out).toContain("memory  initiator\n     0          0\n");
    expect(hmat?.out).toContain(
      "access latency of memory in ns, stored in units of 10000 ps\n" +
        "from  to 0  to 1\n   0    90     -\n   1     -     -\n",
    );
    expect(cedt?.out).toContain("CEDT revision 1");
  });

  test("of HMAT show caches, those of CEDT windows", async () => {
    const more =
      `${MACHINE} -device pxb-cxl,id=cxl.0,bus_nr=52,bus=pcie.0 ` +
      "-M cxl-fmw.0.targets.0=cxl.0,cxl-fmw.0.size=4G " +
      "-numa hmat-lb,initiator=0,target=0,hierarchy=memory," +
      "data-type=access-bandwidth,bandwidth=1G " +
      "-numa hmat-cache,node-id=0,size=16K,level=1,associativity=direct,policy=write-back,line=8";
    const hmat = await run(["hmat", "--qemu-args", more]);
    expect(hmat.out).toMatch(/^ {5}0 +1 +16 KiB +8 B {2}direct +write-back$/m);
    const cedt = await run(["cedt", "--qemu-args", more]);
    expect(cedt.out).toMatch(/^host bridge +52 {2}registers 0x100000000-0x10000ffff/m);
    expect(cedt.out).toMatch(/^window +52 {2}0x110000000-0x20fffffff \(4 GiB\)$/m);
  });
});

describe("a file", () => {
  test("that is another table, no table, or not there is bad input", async () => {
    const { writtenBytes } = await build("slit", "-o", "slit.bin");
    const files = { "slit.bin": writtenBytes.get("slit.bin") ?? "", "text.txt": "hello" };
    const other = await run(["srat", "--parse", "slit.bin"], files);
    expect([other.code, other.out]).toEqual([2, ""]);
    expect(other.err).toContain("this is a SLIT, not a SRAT");
    expect((await run(["srat", "--parse", "text.txt"], files)).err).toContain(
      "text.txt:+0x0: error E_ACPI_TABLE: no ACPI table: 5 bytes, a header has 36",
    );
    expect((await run(["srat", "--parse", "none"], files)).code).toBe(2);
    expect((await run(["srat", "--qemu-args", "@none"], files)).code).toBe(2);
  });

  test("whose checksum is wrong is read all the same, and is an error", async () => {
    const { writtenBytes } = await build("srat", "-o", "srat.bin");
    const bytes = Uint8Array.from(writtenBytes.get("srat.bin") ?? []);
    bytes[9] = (bytes[9] ?? 0) ^ 1;
    const { code, out, err } = await run(["srat", "--parse", "srat.bin"], { "srat.bin": bytes });
    expect(code).toBe(2);
    expect(err).toContain("srat.bin:+0x9: error E_ACPI_CHECKSUM");
    expect(out).toContain("generic initiator");
  });

  test("that cannot be written is an error", async () => {
    const { code, err } = await build("srat", "-o", "none/such/folder");
    expect(code).toBe(2);
    expect(err).toContain("none/such/folder: error E_FILE_UNWRITABLE: cannot be written: ENOENT");
  });
});

test("one source is needed, and no more than one", async () => {
  expect((await run(["srat"])).code).toBe(2);
  expect((await run(["srat", "--parse", "a", "--qemu-args", "b"])).code).toBe(2);
});
