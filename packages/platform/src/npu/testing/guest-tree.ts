// For tests: the device tree source of a pseries guest with two V100 and six NVLink2 bridges.
const PHB = 0x8000000_20000000n;

/** The source: GPUs at 00:01.0 and 00:02.0, their bridges at 00:03 and 00:04. */
export function guestTree(): string {
  const links = Array.from({ length: 6 }, (_, at) => {
    const phandle = 0x130000 | (Math.floor(at / 3) << 4) | (at % 3);
    return `		link@${at} {
			compatible = "ibm,npu-link";
			phandle = <0x${phandle.toString(16)}>;
			ibm,npu-link-index = <${at}>;
		};
`;
  });
  return `/dts-v1/;

/ {
	#address-cells = <2>;
	#size-cells = <2>;
	model = "IBM pSeries (emulated by qemu)";
	compatible = "qemu,pseries";

	memory@0 {
		device_type = "memory";
		reg = <0x0 0x0 0x8 0x0>;
		ibm,associativity = <4 0 0 0 0>;
	};

	npuphb0 {
		compatible = "ibm,power9-npu";
${links.join("")}	};
${[0, 1].map(memory).join("")}
	pci@${PHB.toString(16)} {
		#address-cells = <3>;
		#size-cells = <2>;
		device_type = "pci";
		ibm,mmio-atsd = <${Array.from({ length: 6 }, (_, at) => `0x8000 0x${at}0000`).join(" ")}>;
${[0, 1].map(gpu).join("")}	};
};
`;
}

function memory(at: number): string {
  return `
	memory@40${at * 2}000000000 {
		device_type = "memory";
		compatible = "ibm,coherent-device-memory";
		reg = <0x40${at * 2}0 0x0 0x20 0x0>;
		ibm,associativity = <4 ${at + 1} ${at + 1} ${at + 1} ${at + 1}>;
		phandle = <0x110${at}00ff>;
	};
`;
}

function gpu(at: number): string {
  const functionAt = (device: number, fn: number): number => (device << 3) | fn;
  const phandle = (devfn: number): string => `0x${(0x12000000 | devfn).toString(16)}`;
  const own = functionAt(at + 1, 0);
  const bridges = [0, 1, 2].map((fn) => functionAt(at + 3, fn));
  const nodes = bridges.map((devfn, fn) => {
    return `		pci@${at + 3}${fn === 0 ? "" : `,${fn}`} {
			reg = <0x${(devfn << 8).toString(16)} 0x0 0x0 0x0 0x0>;
			vendor-id = <0x1014>;
			device-id = <0x4ea>;
			phandle = <${phandle(devfn)}>;
			ibm,gpu = <${phandle(own)}>;
			ibm,nvlink = <0x${(0x130000 | (at << 4) | fn).toString(16)}>;
			memory-region = <0x110${at}00ff>;
			ibm,device-tgt-addr = <0x4${at * 2}0 0x0>;
			ibm,nvlink-speed = <8>;
		};
`;
  });
  return `		pci@${at + 1} {
			reg = <0x${(own << 8).toString(16)} 0x0 0x0 0x0 0x0>;
			vendor-id = <0x10de>;
			device-id = <0x1db1>;
			phandle = <${phandle(own)}>;
			ibm,npu = <${bridges.map(phandle).join(" ")}>;
		};
${nodes.join("")}`;
}
