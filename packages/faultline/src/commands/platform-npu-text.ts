// NVLink2 wiring as text: GPUs with what belongs to them, links by pair, IOMMU groups.
import {
  type IommuGroupRule,
  npuIommuGroups,
  npuLinkFacts,
  type NpuGpu,
  type NpuWiring,
} from "@faultline/platform";
import { formatByteSize, formatHex } from "../byte-size.ts";
import { plainTable } from "../plain-table.ts";

/** The whole text. */
export function npuText(wiring: NpuWiring, rule: IommuGroupRule): string {
  const { stage, board, model, gpus, npus } = wiring;
  if (npus.length === 0) return `${model ?? "the machine"}: no NPU in this tree\n`;
  const what = [board === null ? null : `${board} board`, `tree of the ${stage}`];
  const head = [model ?? "the machine", ...what.filter((one) => one !== null)].join(", ");
  const counts = `${count(gpus.length, "GPU")} on ${count(npus.length, "NPU")}`;
  const blocks = [`${head}: ${counts}\n`, gpuTable(wiring), linkTable(wiring)];
  if (gpus.some(({ links }) => links === null)) {
    blocks.push("the tree does not say how GPUs are linked to each other\n");
  }
  if (stage !== "firmware") blocks.push(groupText(wiring, rule));
  return blocks.join("\n");
}

function gpuTable({ gpus }: NpuWiring): string {
  const head = ["GPU", "chip", "links", "bridges", "ATSD", "window", "target address", "NUMA"];
  const rows = gpus.map((gpu) => {
    const { name, chip, bridges, memory } = gpu;
    return [
      name,
      chip ?? "-",
      bridges.map(({ linkIndex }) => linkIndex).join(" "),
      bridgesText(gpu),
      atsdText(gpu),
      memory === null ? "-" : `${formatByteSize(memory.windowBytes)} at ${formatHex(memory.base)}`,
      memory === null ? "-" : formatHex(memory.tgt),
      memory?.numaId ?? "-",
    ];
  });
  return plainTable(head, rows);
}

/** Bridges by the last part of their path; they share the rest. */
function bridgesText({ bridges }: NpuGpu): string {
  const names = bridges.map(({ path }) => path?.split("/").at(-1) ?? "-");
  return new Set(names).size === 1 && names[0] === "-" ? "-" : names.join(" ");
}

function atsdText({ bridges }: NpuGpu): string {
  const [first, ...rest] = bridges.flatMap(({ atsd }) => atsd ?? []);
  if (first === undefined) return "-";
  return [formatHex(first), ...rest.map((one) => `+${formatHex(one - first)}`)].join(" ");
}

function linkTable(wiring: NpuWiring): string {
  const rows = npuLinkFacts(wiring).map(({ from, to, nrLinks, gigabytesPerSecond }) => [
    from,
    to,
    nrLinks,
    `${gigabytesPerSecond} GB/s`,
  ]);
  const head = ["from", "to", "links", "each direction"];
  return plainTable(head, rows, ["left", "left", "right", "right"]);
}

function groupText(wiring: NpuWiring, rule: IommuGroupRule): string {
  const groups = npuIommuGroups(wiring, rule).map(
    (members, at) => `IOMMU group ${at}\n${members.map((path) => `  ${path}\n`).join("")}`,
  );
  return groups.join("");
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
