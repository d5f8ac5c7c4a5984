// For tests: the device tree source of a POWER9 host as its firmware writes it, two chips with one
// NPU each and two (Redbud) or three (Sequoia) GPUs below each.
import { atsdAddress, compressTargetAddress, gpuWindowBase } from "../target-address.ts";
import type { GpuMemoryMap } from "../target-address.ts";

const CHIPS = [0, 8];
const LANE_MASKS = [0xf1e000, 0xe1870, 0x78f, 0x78f, 0xe1870, 0xf1e000];

/** What a GPU's six links lead to: `n` and a number is a bridge of the NPU, `g` a GPU of it. */
const PEERS: Readonly<Record<number, readonly string[]>> = {
  2: ["g1 n0 g1 n1 g1 n2", "g0 n3 g0 n4 g0 n5"],
  3: ["g1 n0 g2 g2 g1 n1", "g0 n2 g2 g2 g0 n3", "g1 g0 g1 n4 g0 n5"],
};

interface Gpu {
  readonly id: string;
  readonly label: string;
  readonly group: number;
  readonly base: bigint;
  readonly numaId: number;
}

interface Chip {
  readonly chip: number;
  readonly npu: number;
  readonly gpus: readonly Gpu[];
}

/** The source of a host with so many GPUs for each NPU. */
export function power9Tree(gpusPerNpu: 2 | 3, map: GpuMemoryMap = "up"): string {
  const chips = CHIPS.map((chip, npu): Chip => {
    const gpus = Array.from({ length: gpusPerNpu }, (_, group): Gpu => {
      // A Redbud board leaves the third slot of each chip empty.
      const slot = npu * 3 + group;
      const numaId = 255 - (npu * gpusPerNpu + group);
      const base = gpuWindowBase(map, chip, group);
      return { id: `gpu${slot}`, label: `GPU${slot}`, group, base, numaId };
    });
    return { chip, npu, gpus };
  });
  const parts = [
    ...chips.flatMap((one) => [systemMemory(one), ...one.gpus.map(gpuMemory), npuNode(one)]),
    ...chips.flatMap((one) => [npuHostBridge(one, map), gpuHostBridge(one)]),
  ];
  return `/dts-v1/;

/ {
	#address-cells = <2>;
	#size-cells = <2>;
	model = "${gpusPerNpu === 2 ? "8335-GTH" : "8335-GTX"}";
	compatible = "ibm,powernv", "ibm,witherspoon";
${parts.join("")}};
`;
}

function cells(value: bigint): string {
  return `0x${(value >> 32n).toString(16)} 0x${(value & 0xffffffffn).toString(16)}`;
}

function systemMemory({ chip }: Chip): string {
  const base = BigInt(chip) << 42n;
  return `
	memory@${base.toString(16)} {
		device_type = "memory";
		reg = <${cells(base)} 0x20 0x0>;
		ibm,chip-id = <${chip}>;
		ibm,associativity = <4 ${chip} ${chip} ${chip} ${chip}>;
	};
`;
}

function gpuMemory({ id, base, numaId }: Gpu): string {
  return `
	${id}_memory: memory@${base.toString(16)} {
		device_type = "memory";
		compatible = "ibm,coherent-device-memory";
		reg = <${cells(base)} 0x20 0x0>;
		linux,usable-memory = <${cells(base)} 0x0 0x0>;
		ibm,chip-id = <${numaId}>;
		ibm,associativity = <4 ${numaId} ${numaId} ${numaId} ${numaId}>;
	};
`;
}

function npuNode({ chip, npu, gpus }: Chip): string {
  const xscom = 0x603fc_0000_0000n + (BigInt(chip) << 42n);
  const perGpu = 6 / gpus.length;
  const links = LANE_MASKS.map((mask, index) => {
    const gpu = gpus[Math.floor(index / perGpu)];
    return `
			npu${npu}_link${index}: link@${index} {
				compatible = "ibm,npu-link";
				reg = <${index}>;
				ibm,npu-link-index = <${index}>;
				ibm,npu-lane-mask = <0x${mask.toString(16)}>;
				ibm,npu-group-id = <${gpu?.group ?? 0}>;
				ibm,slot-label = "${gpu?.label ?? ""}";
				nvidia,link-speed = <8>;
			};
`;
  });
  return `
	xscom@${xscom.toString(16)} {
		#address-cells = <1>;
		#size-cells = <1>;
		compatible = "ibm,xscom", "ibm,power9-xscom";
		reg = <${cells(xscom)} 0x8 0x0>;
		ibm,chip-id = <${chip}>;

		npu${npu}: npu@5011000 {
			#address-cells = <1>;
			#size-cells = <0>;
			compatible = "ibm,power9-npu";
			reg = <0x5011000 0x2c>;
			ibm,npu-index = <${npu}>;
${links.join("")}		};
	};
`;
}

function npuHostBridge({ chip, npu, gpus }: Chip, map: GpuMemoryMap): string {
  const base = 0x6_0302_0000_0000n + (BigInt(chip) << 42n);
  const perGpu = 6 / gpus.length;
  const atsd = Array.from({ length: 8 }, (_, index) => cells(atsdAddress(chip, index)));
  const bridges = LANE_MASKS.map((_, index) => {
    const gpu = gpus[Math.floor(index / perGpu)];
    const [group, fn] = [gpu?.group ?? 0, index % perGpu];
    const tgt = compressTargetAddress(gpuWindowBase(map, chip, group));
    const reg = ((group << 11) | (fn << 8)).toString(16);
    return `
		npu${npu}_bridge${index}: pci@${group}${fn === 0 ? "" : `,${fn}`} {
			reg = <0x${reg} 0x0 0x0 0x0 0x0>;
			vendor-id = <0x1014>;
			device-id = <0x4ea>;
			ibm,loc-code = "${gpu?.label ?? ""}";
			ibm,gpu = <&${gpu?.id ?? ""}>;
			ibm,nvlink = <&npu${npu}_link${index}>;
			ibm,nvlink-speed = <8>;
			memory-region = <&${gpu?.id ?? ""}_memory>;
			ibm,device-tgt-addr = <${cells(tgt)}>;
		};
`;
  });
  return `
	pciex@${base.toString(16)} {
		#address-cells = <3>;
		#size-cells = <2>;
		device_type = "pciex";
		compatible = "ibm,power9-npu-pciex";
		reg = <${cells(base)} 0x0 0x1000000>;
		ibm,npu-index = <${npu}>;
		ibm,chip-id = <${chip}>;
		ibm,npcq = <&npu${npu}>;
		linux,pci-domain = <${6 + npu}>;
		ibm,mmio-atsd = <${atsd.join(" ")}>;
${bridges.join("")}	};
`;
}

function gpuHostBridge({ chip, npu, gpus }: Chip): string {
  const base = 0x600c3_c040_0000n + (BigInt(chip) << 42n);
  const below = gpus.map(
    ({ id, label, group }) => `
				pci@${4 + group} {
					reg = <0x${(0x22000 + (group << 11)).toString(16)} 0x0 0x0 0x0 0x0>;
					vendor-id = <0x10b5>;
					device-id = <0x8725>;
					ibm,loc-code = "${label}";

					${id}: gpu@0 {
						reg = <0x${((3 + group) << 16).toString(16)} 0x0 0x0 0x0 0x0>;
						vendor-id = <0x10de>;
						device-id = <0x1db1>;
						ibm,npu = <${bridgesOf(npu, group, gpus.length)}>;
						ibm,nvlink-peers = <${peersOf(npu, group, gpus)}>;
					};
				};
`,
  );
  return `
	pciex@${base.toString(16)} {
		#address-cells = <3>;
		#size-cells = <2>;
		device_type = "pciex";
		compatible = "ibm,power9-pciex";
		reg = <${cells(base)} 0x0 0x1000>;
		ibm,chip-id = <${chip}>;
		linux,pci-domain = <0x${npu === 0 ? 4 : 35}>;

		pci@0 {
			reg = <0x0 0x0 0x0 0x0 0x0>;
			vendor-id = <0x1014>;
			device-id = <0x4c1>;

			pci@0 {
				reg = <0x10000 0x0 0x0 0x0 0x0>;
				vendor-id = <0x10b5>;
				device-id = <0x8725>;
${below.join("")}			};
		};
	};
`;
}

function bridgesOf(npu: number, group: number, nrGpus: number): string {
  const perGpu = 6 / nrGpus;
  return Array.from({ length: perGpu }, (_, at) => `&npu${npu}_bridge${group * perGpu + at}`).join(
    " ",
  );
}

function peersOf(npu: number, group: number, gpus: readonly Gpu[]): string {
  const peers = PEERS[gpus.length]?.[group] ?? "";
  return peers
    .replaceAll(/n(\d)/g, `&npu${npu}_bridge$1`)
    .replaceAll(/g(\d)/g, (_, at: string) => `&${gpus[Number(at)]?.id ?? ""}`);
}
