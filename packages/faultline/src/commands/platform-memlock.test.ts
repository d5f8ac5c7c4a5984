import { describe, expect, test } from "vitest";
import { type Ran, runCommand } from "../testing/run-command.ts";
import { platformMemlock } from "./platform-memlock.ts";

/** A bridge, and a GPU that is none. */
const HOST = `/dts-v1/;
/ { phb { linux,pci-domain = <6>;
  pci@0 { reg = <0 0 0 0 0>; ibm,gpu; ibm,nvlink; ibm,nvlink-speed; memory-region; };
  gpu { reg = <0x800 0 0 0 0>; ibm,npu; };
}; };`;

const GUEST = `<domain type='kvm'>
  <name>guest</name>
  <memory unit='GiB'>32</memory>
  <os><type arch='ppc64'>hvm</type></os>
  <devices>
    <controller type='pci' model='pci-root'><model name='spapr-pci-host-bridge'/></controller>
    <hostdev type='pci'><source>
      <address domain='0x6' bus='0x0' slot='0x0' function='0x0'/>
    </source></hostdev>
  </devices>
</domain>`;

function memlock(...argv: string[]): Promise<Ran> {
  const files = { "guest.xml": GUEST, "bad.xml": "<domain type='kvm'/>", "host.dts": HOST };
  return runCommand(platformMemlock.add, ["memlock", ...argv], files);
}

describe("faultline platform memlock", () => {
  test("explains each term, and their sum is the limit", async () => {
    const { code, out } = await memlock("guest.xml", "--bridge", "0006:00:00.0");
    expect(code).toBe(0);
    expect(out).toContain("guest: ppc64 kvm, 32 GiB, 1 PCI host bridge, 1 NVLink2 bridge\n");
    expect(out).toMatch(
      /^NVLink2 window +128 \* 2\^30 \/ 512 \* PHBs +268435456 \* 1 +268435456 /m,
    );
    expect(out).toMatch(/^sum +302272512$/m);
    expect(out).toMatch(/309527052288 bytes\n$/);
  });

  test("as JSON, with what the options change", async () => {
    const { out } = await memlock("guest.xml", "--phbs", "2", "--bridges", "1", "--json");
    expect(JSON.parse(out)).toMatchObject({
      rule: "ppc64",
      limitBytes: 584_409_153_536,
      domain: { nrSpaprPhbs: 2, memoryKib: 33_554_432 },
      diagnostics: [],
    });
  });

  test("knows bridges by the host's device tree", async () => {
    const { out } = await memlock("guest.xml", "--device-tree", "host.dts");
    expect(out).toContain("1 NVLink2 bridge\n");
    const bad = await memlock("guest.xml", "--device-tree", "guest.xml");
    expect([bad.code, bad.out]).toEqual([2, ""]);
    expect(bad.err).toContain("guest.xml:1:1 error E_DEVICETREE_SYNTAX: no version");
  });

  test("needs no file", async () => {
    const limitOf = async (...argv: string[]): Promise<unknown> =>
      (JSON.parse((await memlock(...argv, "--json")).out) as { limitBytes: number }).limitBytes;
    const nvme = ["--memory", "4GiB", "--hostdevs", "1", "--nvmes", "1"];
    expect(await limitOf(...nvme)).toBe(9 * 2 ** 30);
    expect(await limitOf(...nvme, "--libvirt", "9.0")).toBe(5 * 2 ** 30);
    expect(await limitOf("--memory", "4GiB")).toBe(0);
    expect(await limitOf("--memory", "4GiB", "--locked")).toBe(2 ** 53 - 1);
    expect(await limitOf("--memory", "4GiB", "--locked", "--hard-limit", "1GiB")).toBe(2 ** 30);
    expect((await memlock("--memory", "4GiB")).out).toContain("limit: 0: libvirt sets no limit");
  });

  test("a bad file, a missing one or none is bad input", async () => {
    const bad = await memlock("bad.xml", "--json");
    expect(bad.code).toBe(2);
    expect(JSON.parse(bad.out)).toMatchObject({ diagnostics: [{ code: "E_DOMAIN_XML" }, {}] });
    expect((await memlock("none.xml")).err).toContain("E_FILE_NOT_FOUND");
    expect((await memlock()).err).toContain("no domain: FILE or --memory");
  });

  test("an address that the domain does not have is a warning", async () => {
    const { code, err } = await memlock("guest.xml", "--bridge", "0006:00:00.1");
    expect(code).toBe(0);
    expect(err).toContain("--bridge 0006:00:00.1: guest.xml hands no such device to the guest");
  });
});
