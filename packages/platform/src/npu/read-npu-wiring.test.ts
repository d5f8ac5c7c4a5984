import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDts, readDtb, writeDtb } from "../devicetree/index.ts";
import type { DeviceTree } from "../devicetree/index.ts";
import {
  compressTargetAddress,
  type LoadedNpuWiring,
  npuIommuGroups,
  npuLinkFacts,
  type NpuWiring,
  nvlink2Regions,
  placeInGuest,
  readNpuWiring,
} from "./index.ts";
import { guestTree } from "./testing/guest-tree.ts";
import { power9Tree } from "./testing/power9-tree.ts";

const redbud = power9Tree(2);
const sequoia = power9Tree(3, "down");

function treeOf(text: string): DeviceTree {
  const { tree, diagnostics } = parseDts(text, "host.dts");
  if (tree === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return tree;
}

function wiringOf(text: string): NpuWiring {
  const { wiring, diagnostics } = readNpuWiring(treeOf(text));
  if (wiring === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return wiring;
}

const hex = (value: bigint | null | undefined): string => `0x${(value ?? 0n).toString(16)}`;

describe("a Redbud board", () => {
  const wiring = wiringOf(redbud);

  test("has two GPUs on each NPU, each with three links, a window and a target address", () => {
    expect(wiring).toMatchObject({ stage: "host", board: "redbud", model: "8335-GTH" });
    expect(
      wiring.gpus.map(({ name, chip, bridges, memory }) => [
        name,
        chip,
        bridges.map(({ linkIndex }) => linkIndex).join(),
        hex(memory?.base),
        hex(memory?.tgt),
        memory?.numaId,
      ]),
    ).toEqual([
      ["GPU0", 0, "0,1,2", "0x40000000000", "0x40000000000", 255],
      ["GPU1", 0, "3,4,5", "0x42000000000", "0x42000000000", 254],
      ["GPU3", 8, "0,1,2", "0x240000000000", "0xc0000000000", 253],
      ["GPU4", 8, "3,4,5", "0x242000000000", "0xc2000000000", 252],
    ]);
  });

  test("gives each link the launch register with its number", () => {
    const atsd = wiring.gpus[3]?.bridges.map((bridge) => hex(bridge.atsd));
    expect(atsd).toEqual(["0x6230200830000", "0x6230200840000", "0x6230200850000"]);
    expect(wiring.npus.map((npu) => npu.atsd.length)).toEqual([8, 8]);
  });

  test("has 75 GB/s between the GPUs of a chip and to the CPU, and none across", () => {
    expect(npuLinkFacts(wiring).map(({ from, to, ...fact }) => [from, to, fact])).toEqual(
      [
        ["GPU0", "chip0", "gpu-cpu"],
        ["GPU1", "chip0", "gpu-cpu"],
        ["GPU3", "chip8", "gpu-cpu"],
        ["GPU4", "chip8", "gpu-cpu"],
        ["GPU0", "GPU1", "gpu-gpu"],
        ["GPU3", "GPU4", "gpu-gpu"],
      ].map(([from, to, kind]) => [from, to, { kind, nrLinks: 3, gigabytesPerSecond: 75 }]),
    );
  });

  test("is one IOMMU group for each NPU; the first patches had one for each GPU", () => {
    expect(npuIommuGroups(wiring).map(({ length }) => length)).toEqual([8, 8]);
    expect(npuIommuGroups(wiring, "per-gpu").map(({ length }) => length)).toEqual([4, 4, 4, 4]);
    expect(npuIommuGroups(wiring)[1]?.[0]).toMatch(/^\/pciex@620c3c0400000\/.*\/gpu@0$/);
  });

  test("offers VFIO the windows and one page for each launch register", () => {
    const regions = nvlink2Regions(wiring);
    expect(regions).toHaveLength(16);
    expect(regions[12]).toMatchObject({ kind: "gpu-memory", sizeBytes: 1n << 37n });
    expect(regions[13]).toMatchObject({
      kind: "atsd",
      sizeBytes: 1n << 16n,
      tgt: 0xc2000000000n,
      speedCode: 8,
      atsd: 0x6230200830000n,
    });
    expect(placeInGuest(wiring)).toEqual([
      {
        phb: 0,
        gpus: [
          { name: "GPU0", base: 1n << 46n },
          { name: "GPU1", base: (1n << 46n) + (1n << 37n) },
        ],
        atsd: 1n << 47n,
      },
      {
        phb: 1,
        gpus: [
          { name: "GPU3", base: (1n << 46n) + (1n << 41n) },
          { name: "GPU4", base: (1n << 46n) + (1n << 41n) + (1n << 37n) },
        ],
        atsd: (1n << 47n) + 0x120000n,
      },
    ]);
  });
});

describe("other trees", () => {
  test("a Sequoia board has two links for each of six GPUs, and windows that go down", () => {
    const wiring = wiringOf(sequoia);
    expect(wiring.board).toBe("sequoia");
    expect(wiring.gpus.map(({ memory }) => hex(memory?.base)).slice(3)).toEqual([
      "0x23e000000000",
      "0x23c000000000",
      "0x23a000000000",
    ]);
    expect(hex(wiring.gpus[3]?.memory?.tgt)).toBe("0xbe000000000");
    const facts = npuLinkFacts(wiring).map(({ nrLinks, gigabytesPerSecond }) => [
      nrLinks,
      gigabytesPerSecond,
    ]);
    expect(facts).toEqual(Array.from({ length: 12 }, () => [2, 50]));
  });

  test("one that firmware has not finished has GPUs by their slots", () => {
    const end = redbud.indexOf("\tpciex@");
    const early = `${redbud.slice(0, end).replaceAll(/\tgpu\d_memory: [^]*?\n\t};\n/g, "")}};\n`;
    const wiring = wiringOf(early);
    expect(wiring).toMatchObject({ stage: "firmware", board: "redbud" });
    expect(
      wiring.gpus.map(({ name, path, chip, cpuGigabytesPerSecond, memory }) => {
        return { name, path, chip, cpuGigabytesPerSecond, memory };
      }),
    ).toEqual(
      [
        ["GPU0", 0],
        ["GPU1", 0],
        ["GPU3", 8],
        ["GPU4", 8],
      ].map(([name, chip]) => {
        return { name, path: null, chip, cpuGigabytesPerSecond: 75, memory: null };
      }),
    );
    expect(nvlink2Regions(wiring)).toEqual([]);
  });

  test("a guest has the host's target addresses beside addresses of its own", () => {
    const wiring = wiringOf(guestTree());
    expect(wiring).toMatchObject({ stage: "guest", board: null });
    expect(
      wiring.gpus.map(({ name, label, chip, memory }) => [
        name,
        label,
        chip,
        memory?.base,
        memory?.tgt,
      ]),
    ).toEqual([
      ["gpu0", null, null, 1n << 46n, 0x40000000000n],
      ["gpu1", null, null, (1n << 46n) + (1n << 37n), 0x42000000000n],
    ]);
    expect(wiring.gpus.map(({ links }) => links)).toEqual([null, null]);
    expect(npuIommuGroups(wiring)).toHaveLength(1);
  });

  test("a machine without NPUs has no wiring, and that is no mistake", () => {
    const text = '/dts-v1/; / { memory@0 { device_type = "memory"; reg = <0 0 1>; }; };';
    const { wiring, diagnostics } = readNpuWiring(treeOf(text));
    expect(diagnostics).toEqual([]);
    expect(wiring).toMatchObject({ npus: [], gpus: [] });
  });

  test("a bridge whose GPU was not found keeps its window and has no GPU", () => {
    const text = redbud
      .replaceAll(/\t+ibm,gpu = <&gpu4>;\n/g, "")
      .replace(/\t+gpu4: gpu@0 [^]*?\n\t+};\n/, "")
      .replaceAll("&gpu4 ", "0 ");
    expect(wiringOf(text).gpus.map(({ name }) => name)).toEqual(["GPU0", "GPU1", "GPU3"]);
  });

  test("a window where no known chip puts it is a warning", () => {
    const moved = redbud
      .replace("reg = <0x420 0x0 0x20 0x0>", "reg = <0x480 0x0 0x20 0x0>")
      .replaceAll("tgt-addr = <0x420 0x0>", "tgt-addr = <0x480 0x0>");
    const { wiring, diagnostics } = readNpuWiring(treeOf(moved));
    expect(hex(wiring?.gpus[1]?.memory?.base)).toBe("0x48000000000");
    expect(diagnostics).toMatchObject([
      {
        severity: "warning",
        message: "the window of GPU 1 of chip 0 is at another place",
        hint: "known chips put it at 0x42000000000 or 0x3c000000000",
      },
    ]);
  });

  test("a blob gives what its source gives", () => {
    const { tree } = readDtb(writeDtb(treeOf(sequoia)), "host.dts");
    expect(tree && readNpuWiring(tree)).toEqual(readNpuWiring(treeOf(sequoia)));
  });
});

describe("a tree that contradicts itself is refused", () => {
  function refused(text: string): LoadedNpuWiring["diagnostics"] {
    expect(text).not.toBe(redbud);
    const { wiring, diagnostics } = readNpuWiring(treeOf(text));
    expect(wiring).toBeNull();
    return diagnostics;
  }

  test.each<[string, string | RegExp, string, RegExp]>([
    [
      "a target address that is not the window's",
      "ibm,device-tgt-addr = <0xc00 0x0>",
      "ibm,device-tgt-addr = <0x2400 0x0>",
      /^target address 0x240000000000 is not that of the window at 0x240000000000$/,
    ],
    ["no target address", "ibm,device-tgt-addr = <0xc00 0x0>;", "", /no target address/],
    ["no link speed", "ibm,nvlink-speed = <8>;", "", /no link speed/],
    [
      "a bridge that names another GPU",
      "ibm,gpu = <&gpu0>",
      "ibm,gpu = <&gpu1>",
      /^it names .*pci@5\/gpu@0, .*pci@4\/gpu@0 lists it$/,
    ],
    ["a bridge that names nobody", "ibm,gpu = <&gpu0>;", "", /lists it, and it names no GPU$/],
    [
      "a GPU that does not list a bridge",
      "ibm,npu = <&npu0_bridge0 &npu0_bridge1 &npu0_bridge2>",
      "ibm,npu = <&npu0_bridge0 &npu0_bridge1>",
      /it names .*, no GPU lists it$/,
    ],
    [
      "bridges in another order",
      "ibm,npu = <&npu0_bridge0 &npu0_bridge1",
      "ibm,npu = <&npu0_bridge1 &npu0_bridge0",
      /^its bridges are 0\.1, 0\.0, 0\.2$/,
    ],
    [
      "a phandle of no node",
      "ibm,gpu = <&gpu0>",
      "ibm,gpu = <0x999>",
      /^no node has the phandle 2457$/,
    ],
    [
      "a bridge that is none",
      "ibm,npu = <&npu0_bridge0",
      "ibm,npu = <&npu0_link0",
      /which is no bridge$/,
    ],
    [
      "a link of two bridges",
      "ibm,nvlink = <&npu0_link1>",
      "ibm,nvlink = <&npu0_link0>",
      /is the link of \/pciex@6030200000000\/pci@0 already$/,
    ],
    [
      "a link that is none",
      "ibm,nvlink = <&npu0_link1>",
      "ibm,nvlink = <&npu0>",
      /^no link of an NPU: /,
    ],
    [
      "the window of another GPU",
      "memory-region = <&gpu0_memory>",
      "memory-region = <&gpu1_memory>",
      /has the window \/memory@4/,
    ],
    [
      "a window that is none",
      "memory-region = <&gpu0_memory>",
      "memory-region = <&npu0>",
      /^no GPU memory: /,
    ],
    [
      "another slot",
      'ibm,slot-label = "GPU0"',
      'ibm,slot-label = "GPU9"',
      /^slot GPU0, but its link leads to slot GPU9$/,
    ],
    [
      "another group",
      /ibm,npu-group-id = <1>/,
      "ibm,npu-group-id = <0>",
      /^device 1 on the bus, but its link is of group 0$/,
    ],
    [
      "a link number twice",
      "ibm,npu-link-index = <1>",
      "ibm,npu-link-index = <0>",
      /^link 0 is .*link@0 already$/,
    ],
    [
      "a seventh link",
      "ibm,npu-link-index = <5>",
      "ibm,npu-link-index = <6>",
      /^no link of an NPU: 6$/,
    ],
    ["a link without a number", "ibm,npu-link-index = <5>;", "", /^the link has no number$/],
    [
      "a launch register twice",
      "0x60302 0x810000",
      "0x60302 0x800000",
      /^an ATSD register is listed twice: 0x6030200800000$/,
    ],
    ["seven launch registers", "0x60302 0x870000", "", /^7 ATSD registers$/],
    ["no launch registers", /ibm,mmio-atsd = <[^>]*>;/, "", /^the host bridge has no ATSD/],
    [
      "a GPU link with one end",
      "ibm,nvlink-peers = <&gpu1 &npu0_bridge0 &gpu1",
      "ibm,nvlink-peers = <&gpu1 &npu0_bridge0 &gpu3",
      /^2 links to .*pci@5\/gpu@0, which has 3 back$/,
    ],
    [
      "CPU links in another order",
      "ibm,nvlink-peers = <&gpu1 &npu0_bridge0 &gpu1 &npu0_bridge1",
      "ibm,nvlink-peers = <&gpu1 &npu0_bridge1 &gpu1 &npu0_bridge0",
      /^its links to the CPU are /,
    ],
    [
      "a GPU link to itself",
      "ibm,nvlink-peers = <&gpu1 ",
      "ibm,nvlink-peers = <&gpu0 ",
      /^link 0 leads to .*gpu@0$/,
    ],
    ["five GPU links", "ibm,nvlink-peers = <&gpu1 ", "ibm,nvlink-peers = <", /^5 links$/],
    [
      "a window over another",
      "reg = <0x420 0x0 0x20 0x0>",
      "reg = <0x410 0x0 0x20 0x0>",
      /^it overlaps \/memory@40000000000$/,
    ],
    [
      "a NUMA id twice",
      "<4 254 254 254 254>",
      "<4 255 255 255 255>",
      /^NUMA id 255 is that of \/memory@40000000000 already$/,
    ],
    ["memory without an address", "reg = <0x0 0x0 0x20 0x0>", "reg = <0>", /no address$/],
    ["a link without a bridge", /\n\t\tnpu1_bridge5: [^]*?\n\t\t};\n/, "", /^no bridge has this/],
  ])("%s", (_what, find, replacement, message) => {
    let text = redbud.replace(find, replacement);
    if (!text.includes("npu1_bridge5:")) text = text.replaceAll(/ &npu1_bridge5/g, "");
    const found = refused(text);
    const hit = found.find((one) => message.test(one.message));
    expect(hit, found.map((one) => one.message).join("\n")).toMatchObject({
      code: "E_NPU_WIRING",
      file: "host.dts",
      severity: "error",
    });
    expect(hit?.line).toBeGreaterThan(0);
    expect(hit?.hint).not.toBe("");
  });

  test("at the property that is wrong", () => {
    const text = redbud.replace("tgt-addr = <0xc00 0x0>", "tgt-addr = <0x2400 0x0>");
    const line = text.split("\n").findIndex((one) => one.includes("tgt-addr = <0x2400 0x0>")) + 1;
    const [found, second] = refused(text);
    expect(found).toMatchObject({ line, hint: "the window's target address is 0xc0000000000" });
    expect(second?.message).toMatch(/^a second target address of one GPU/);
  });

  test("by its path in a blob", () => {
    const bytes = writeDtb(treeOf(redbud.replace("ibm,nvlink-speed = <8>;", "")));
    const { tree } = readDtb(bytes, "host.dtb");
    expect(tree && readNpuWiring(tree).diagnostics).toMatchObject([
      {
        line: 0,
        message: "/pciex@6030200000000/pci@0: ibm,nvlink-speed: the bridge has no link speed",
      },
    ]);
  });

  test("and so is a guest with more than QEMU takes", () => {
    const text = guestTree().replaceAll("ibm,nvlink-speed", "ibm,other");
    expect(refused(text).map(({ message }) => message)).toContain("the bridge has no link speed");
  });
});

test("a garbled tree gives wiring or diagnostics, never more", () => {
  const bytes = writeDtb(treeOf(sequoia));
  const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(changes, (all) => {
      const garbled = bytes.slice();
      for (const [at, byte] of all) garbled[at] = byte;
      const { tree } = readDtb(garbled, "garbled.dtb");
      if (tree === null) return;
      const { wiring, diagnostics } = readNpuWiring(tree);
      const hasErrors = diagnostics.some(({ severity }) => severity === "error");
      expect(wiring === null).toBe(hasErrors);
      if (wiring !== null) npuLinkFacts(wiring);
    }),
    { numRuns: 300 },
  );
});

test("compressed target addresses of all windows differ", () => {
  const bases = [0, 8].flatMap((chip) =>
    Array.from(
      { length: 6 },
      (_, at) => (BigInt(chip) << 42n) + 0x40000000000n + (BigInt(at) << 37n),
    ),
  );
  expect(new Set(bases.map(compressTargetAddress)).size).toBe(bases.length);
});
