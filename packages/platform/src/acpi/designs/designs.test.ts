import { describe, expect, test } from "vitest";
import type { LinuxArchitecture } from "../linux/linux-machine.ts";
import { formatNumberList } from "../linux/node-list.ts";
import { buildQemuTables } from "../qemu/build-tables.ts";
import { readQemuMachine } from "../qemu/read-qemu-machine.ts";
import { type DesignOptions, type DesignOutcome, evaluateDesign } from "./evaluate-design.ts";
import { MIG_EXAMPLE } from "./mig-example.ts";
import { NODE_DESIGNS } from "./node-designs.ts";

function outcome(
  id: string,
  architecture: LinuxArchitecture = "x86",
  options: DesignOptions = {},
): DesignOutcome {
  const design = NODE_DESIGNS.find((one) => one.id === id);
  if (design === undefined) throw new Error(`no design ${id}`);
  return evaluateDesign(design, { ...MIG_EXAMPLE, architecture }, options);
}

/**
 * What real kernels answered for these tables: possible, online on x86 and on arm64, initiators.
 */
const ANSWERS: readonly (readonly [string, string, string, string, string])[] = [
  ["object-per-node", "0-17", "0-17", "0-17", "2-17"],
  ["node-list", "0-17", "0-17", "0-17", "2-17"],
  ["numa-option", "0-17", "0-17", "0-17", "2-17"],
  ["node-per-device", "0-3", "0-3", "0-3", "2-3"],
  ["placeholder", "0-17", "0-1", "0-17", ""],
  ["placeholder-hmat", "0-19", "0-3", "0-19", "2-3"],
  ["hmat-only", "0-3", "0-3", "0-3", "2-3"],
  ["disabled-memory", "0-1", "0-1", "0-1", ""],
  ["cxl-window-per-device", "0-3", "0-1", "0-3", ""],
  ["cxl-window-per-node", "0-17", "0-1", "0-17", ""],
  ["hot-plug-range", "0-17", "0-1", "0-17", ""],
  ["virtio-mem", "0-2", "0-1", "0-2", ""],
  ["cdat", "0-1", "0-1", "0-1", ""],
];

describe("the proposals", () => {
  test("are all there", () => {
    expect(ANSWERS.map(([id]) => id)).toEqual(NODE_DESIGNS.map(({ id }) => id));
  });

  test.each(ANSWERS)("%s makes the nodes %s", (id, possible, onX86, onArm, initiators) => {
    const { map } = outcome(id);
    expect([map.possible, map.online, map.hasInitiator].map(formatNumberList)).toEqual([
      possible,
      onX86,
      initiators,
    ]);
    expect(formatNumberList(outcome(id, "arm64").map.online)).toBe(onArm);
    expect(map.panic ?? map.sratRejected).toBeNull();
  });

  test("that QEMU can make come with the command line for it", () => {
    const lines = NODE_DESIGNS.map(({ id }) => outcome(id)).filter(
      ({ commandLine }) => commandLine,
    );
    expect(lines.map(({ design }) => design.id)).toEqual([
      "object-per-node",
      "cxl-window-per-device",
      "cxl-window-per-node",
      "virtio-mem",
      "cdat",
    ]);
    for (const { commandLine, tables } of lines) {
      const { machine } = readQemuMachine(commandLine ?? "", "args");
      expect(machine && buildQemuTables(machine)).toEqual(tables);
    }
  });
});

describe("one object for each node", () => {
  test("scatters the nodes of a device, because the table has the order of a hash table", () => {
    const [first, second] = outcome("object-per-node").devices;
    expect(first?.nodes).toEqual([15, 5, 10, 16, 6, 11, 17, 7]);
    expect(second?.nodes).toEqual([12, 2, 8, 13, 3, 9, 14, 4]);
  });

  test("leaves a system that keeps one domain for a device with the first or the last", () => {
    expect(outcome("object-per-node").devices.map(({ oneDomain }) => oneDomain)).toEqual([
      { first: 3, last: 8 },
      { first: 11, last: 16 },
    ]);
  });
});

test("HMAT that names domains which SRAT does not have is dropped; placeholders mend that", () => {
  expect(outcome("hmat-only").map.hmatRejected).toContain("memory of domain 4");
  expect(outcome("hmat-only").devices[0]?.domainsWithoutNode).toHaveLength(8);
  expect(outcome("placeholder-hmat").map.hmatRejected).toBeNull();
});

test("the link of a placeholder shows once it gets memory", () => {
  const link = (options: DesignOptions): unknown =>
    outcome("placeholder-hmat", "x86", options).map.nodes[6]?.access?.[0].initiators;
  expect(link({})).toBeUndefined();
  expect(link({ lateDomains: [6] })).toEqual([2]);
});

describe("late deletion", () => {
  const left = (rule: "strict" | "weak", instances: number[], missing: number[]): string => {
    const { survivors } = outcome("node-list", "x86", { deletion: { rule, instances, missing } });
    return formatNumberList(survivors?.kept ?? []);
  };

  test("leaves what drivers have claimed, or what devices that are there could claim", () => {
    expect(left("strict", [3], [])).toBe("0-4");
    expect(left("weak", [3], [])).toBe("0-17");
    expect(left("weak", [3], [1])).toBe("0-9");
    expect(left("strict", [3, 2], [0])).toBe("0-1,10-11");
  });

  test("does not change numbers", () => {
    const deletion = { rule: "strict" as const, instances: [3], missing: [] };
    const { survivors } = outcome("object-per-node", "x86", { deletion });
    expect(survivors?.kept).toEqual([0, 1, 5, 10, 15]);
    expect(survivors?.deleted).toHaveLength(13);
  });
});

test("other numbers of devices and nodes do as well, as far as QEMU has nodes", () => {
  const example = (nrDevices: number, nodesPerDevice: number) =>
    ({ nrDevices, nodesPerDevice, architecture: "x86" }) as const;
  for (const design of NODE_DESIGNS) {
    for (const [devices, nodes] of [
      [1, 126],
      [8, 15],
    ] as const) {
      expect(evaluateDesign(design, example(devices, nodes)).map.panic).toBeNull();
    }
    expect(() => evaluateDesign(design, example(2, 64))).toThrow("nodesPerDevice: ");
  }
});
