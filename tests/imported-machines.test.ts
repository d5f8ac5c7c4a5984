// Machines that other tools have shown run in scenarios: what was imported decides the paths.
import { readFileSync } from "node:fs";
import { SourceText } from "@faultline/diagnostics";
import { IMPORT_KINDS, ImportInput, printMachine } from "@faultline/platform";
import { formatResult, loadScenario, runUntimedScenario } from "@faultline/scenario";
import { expect, test } from "vitest";
import { rootPath } from "./support/source-files.ts";

/** The machine document that a kind of file gives. */
function imported(kind: string, file: string): string {
  const text = readFileSync(`${rootPath}scenarios/imports/${file}`, "utf8");
  const machine = IMPORT_KINDS.find(({ name }) => name === kind)?.read(
    ImportInput.ofText(file, text),
  ).machine;
  if (machine === null || machine === undefined) throw new Error(`${file} is refused`);
  return printMachine(machine);
}

const CASES = [
  {
    kind: "nvidia-smi",
    file: "four-gpus.txt",
    devices: ["GPU0", "GPU1", "GPU2", "GPU3"].map((name) => `{ name: ${name}, stack: ideal }`),
    designs: "{ owner.formation: greedyClique, hmm.p2pOp: v2 }",
    // GPU1 is on GPU0's NVLinks, the NIC on its switch; GPU3 is in the other group.
    steps: [
      "{ do: mmap, name: heap, pages: 4 }",
      "{ do: write, at: heap, value: 5 }",
      "{ do: migrate_to_device, device: GPU0, at: heap }",
      "{ do: device_read, device: GPU1, at: heap }",
      "{ do: check, at: heap, seen_by: GPU1, aperture: interconnect, value: 5 }",
      "{ do: device_read, device: mlx5_0, at: heap }",
      "{ do: check, at: heap, seen_by: mlx5_0, aperture: pcie-p2p, address: bus }",
      "{ do: check, at: heap, state: device-private, device: GPU0 }",
      "{ do: device_read, device: GPU3, at: heap }",
      "{ do: check, at: heap, state: present, value: 5 }",
    ],
  },
  {
    kind: "nccl",
    file: "two-hives.xml",
    devices: [],
    designs: "{}",
    // Inside a hive a preferred location is left in place; outside it the pages come back first.
    steps: [
      "{ do: mmap, name: heap, pages: 512 }",
      "{ do: write, at: heap, value: 5 }",
      "{ do: device_advise, device: gpu1, at: heap, preferred_location: gpu0 }",
      "{ do: device_read, device: gpu1, at: heap }",
      "{ do: check, at: heap, state: device-private, device: gpu0 }",
      "{ do: check, at: heap, seen_by: gpu1, aperture: interconnect }",
      "{ do: device_read, device: gpu2, at: heap }",
      "{ do: check, at: heap, state: device-private, device: gpu2, value: 5 }",
    ],
  },
  {
    kind: "numactl",
    file: "three-nodes.txt",
    devices: [],
    designs: "{}",
    // CPU 4 is on node 1, and node 2 has memory and no CPU.
    steps: [
      "{ do: set_cpu, cpu: 4 }",
      "{ do: mmap, name: heap, pages: 4 }",
      "{ do: write, at: heap, value: 5 }",
      "{ do: check, at: heap, state: present, node: 1 }",
      "{ do: move_pages, at: heap, node: 2 }",
      "{ do: check, at: heap, state: present, node: 2, value: 5 }",
    ],
  },
] as const;

test.each(CASES)(
  "a machine of $kind runs a scenario",
  ({ kind, file, devices, designs, steps }) => {
    const document = imported(kind, file);
    const text = [
      "version: 1",
      `title: On a machine of ${kind}`,
      "machine:",
      "  file: imported.yaml",
      `  devices: [${devices.join(", ")}]`,
      `designs: ${designs}`,
      "steps:",
      ...steps.map((step) => `  - ${step}`),
      "",
    ].join("\n");
    const read = (): SourceText => new SourceText("imported.yaml", document);
    const { plan, diagnostics } = loadScenario(text, "scenario.yaml", read);
    expect(diagnostics).toEqual([]);
    if (plan === null) throw new Error("a scenario without diagnostics has a plan");
    const result = runUntimedScenario(plan);
    expect(result.passed, formatResult(result)).toBe(true);
  },
);
