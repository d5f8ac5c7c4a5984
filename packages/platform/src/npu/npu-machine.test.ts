import { describe, expect, test } from "vitest";
import { parseDts } from "../devicetree/index.ts";
import { loadMachine } from "../load-machine.ts";
import type { MachineDocument } from "../machine-schema.ts";
import { printMachine } from "../print-machine.ts";
import { npuMachine, type NpuMachineOptions, readNpuWiring } from "./index.ts";
import { guestTree } from "./testing/guest-tree.ts";
import { power9Tree } from "./testing/power9-tree.ts";

/** The document of a tree, through its text. */
function machineOf(text: string, options: NpuMachineOptions = {}): MachineDocument {
  const { tree } = parseDts(text, "host.dts");
  const wiring = tree && readNpuWiring(tree).wiring;
  if (tree === null || wiring === null) throw new Error("broken tree");
  const printed = printMachine(npuMachine(tree, wiring, options), "two\nlines");
  expect(printed).toMatch(/^# two\n# lines\nversion: 1\n/);
  const { document, diagnostics } = loadMachine(printed, "machine.yaml");
  expect(diagnostics).toEqual([]);
  if (document === null) throw new Error("no document");
  return document;
}

const cpus = (chip: number): string => `
	cpus {
		#address-cells = <1>;
		#size-cells = <0>;
		${[0, 1]
      .map(
        (at) => `cpu@${chip}${at} { device_type = "cpu"; reg = <0x${chip}${at}>;
			ibm,chip-id = <${chip}>; ibm,ppc-interrupt-server#s = <0 1 2 3>; };`,
      )
      .join("\n\t\t")}
	};
`;

describe("the machine document of a device tree", () => {
  test("has the links of a Redbud board, GPUs with memory, and the ports above them", () => {
    const { fabric, devices, functions, numa, page_size } = machineOf(power9Tree(2));
    expect(fabric.links).toMatchObject([
      {
        kind: "nvlink",
        width: 3,
        bandwidth: "75GB/s",
        between: [
          ["gpu0", "socket0"],
          ["gpu1", "socket0"],
          ["gpu3", "socket1"],
          ["gpu4", "socket1"],
          ["gpu0", "gpu1"],
          ["gpu3", "gpu4"],
        ],
      },
    ]);
    expect(devices.map(({ name, node, memory, stack }) => [name, node, memory, stack])).toEqual(
      ["gpu0", "gpu1", "gpu3", "gpu4"].map((name, at) => {
        return [name, at < 2 ? 0 : 1, { size: "16GiB", cpu_coherent: true }, "ats"];
      }),
    );
    expect(functions.filter(({ kind }) => kind === "endpoint").map(({ at }) => at)).toEqual([
      "0004:03:00.0",
      "0004:04:00.0",
      "0035:03:00.0",
      "0035:04:00.0",
    ]);
    expect(numa?.nodes.map(({ socket, memory }) => [socket, memory])).toEqual([
      [0, "128GiB"],
      [1, "128GiB"],
    ]);
    expect(page_size).toBe("64KiB");
  });

  test("has pairs of links on a Sequoia board, and the memory that was asked for", () => {
    const document = machineOf(power9Tree(3), { gpuMemoryBytes: 1n << 35n });
    expect(document.fabric.links).toMatchObject([{ width: 2, bandwidth: "50GB/s" }]);
    expect(document.fabric.links[0]?.between).toHaveLength(12);
    expect(document.devices[5]?.memory?.size).toBe("32GiB");
  });

  test("numbers the CPUs of each chip", () => {
    const text = power9Tree(2).replace(/};\n$/, `${cpus(0)}};\n/ {${cpus(8)}};\n`);
    expect(machineOf(text).numa?.nodes.map((node) => node.cpus)).toEqual([["0-7"], ["8-15"]]);
  });

  test("of a guest has GPUs on the root bus", () => {
    const { functions, devices, fabric, description } = machineOf(guestTree());
    expect(functions.map(({ name, kind, at }) => [name, kind, at])).toEqual([
      ["gpu0", "rc-integrated-endpoint", "0000:00:01.0"],
      ["gpu1", "rc-integrated-endpoint", "0000:00:02.0"],
    ]);
    expect(devices).toHaveLength(2);
    expect(fabric.links[0]?.between).toEqual([
      ["gpu0", "socket0"],
      ["gpu1", "socket0"],
    ]);
    expect(description).toContain("does not say how GPUs are linked to each other");
  });

  test("of a tree without GPUs on PCI has ports that stand in for them, and says so", () => {
    const redbud = power9Tree(2);
    const early = `${redbud.slice(0, redbud.indexOf("\tpciex@"))}};\n`;
    const { functions, devices, description } = machineOf(
      early.replaceAll(/\tgpu\d_memory: [^]*?\n\t};\n/g, ""),
    );
    expect(functions.map(({ kind }) => kind)).toEqual(["root-port", "root-port"]);
    expect(devices.map(({ initiators }) => initiators)).toEqual([[], [], [], []]);
    expect(description).toContain("the ports here stand in for the real ones");
  });
});
