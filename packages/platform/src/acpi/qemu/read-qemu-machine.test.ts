import { describe, expect, test } from "vitest";
import { buildQemuTables } from "./build-tables.ts";
import type { QemuMachine } from "./qemu-machine.ts";
import { type QemuResult, readQemuMachine } from "./read-qemu-machine.ts";

const NODE0 = "-object memory-backend-ram,id=m0,size=512M -numa node,nodeid=0,cpus=0-1,memdev=m0";
const GPU = "-device pci-testdev,id=gpu,addr=04.0";
const BASE = `qemu-system-x86_64 -M q35 -nodefaults -m 512M -smp 2 ${NODE0}`;
const HMAT = BASE.replace("q35", "q35,hmat=on");
const CXL = BASE.replace("q35", "q35,cxl=on");

function read(line: string): QemuResult {
  return readQemuMachine(line, "args");
}

function machineOf(line: string): QemuMachine {
  const { machine, diagnostics } = read(line);
  if (machine === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return machine;
}

/** The first error, and the option it is about. */
function refusal(line: string): { message: string; option: string | null } {
  const { verdict, refusals } = read(line);
  expect(verdict).toBe("refuses");
  const first = refusals.find(({ diagnostic }) => diagnostic.severity === "error");
  return { message: first?.diagnostic.message ?? "", option: first?.option ?? null };
}

const gi = (rest: string): string => `-object acpi-generic-initiator,id=gi0,${rest}`;
const lb = (rest: string): string => `-numa hmat-lb,hierarchy=memory,${rest}`;
const latency = (rest: string): string => lb(`data-type=access-latency,${rest}`);
const cache = "size=16K,associativity=direct,policy=write-back,line=8";

describe("a command line that QEMU refuses names the object", () => {
  test.each([
    [gi("pci-dev=gpu"), "acpi-generic-initiator gi0: missing parameter 'node'"],
    [gi("node=1"), "acpi-generic-initiator gi0: missing parameter 'pci-dev'"],
    [gi("pci-dev=gpu,node=0,nod=1"), "acpi-generic-initiator gi0: unknown parameter 'nod'"],
    [gi("pci-dev=gpu,node=1-2"), "gi0: parameter 'node' must be an integer of type uint64"],
    [gi("pci-dev=gpu,node=128"), "acpi-generic-initiator gi0: node 128"],
    [`${gi("pci-dev=gpu,node=5")} ${GPU}`, "acpi-generic-initiator gi0: there is no node 5"],
    [gi("pci-dev=gpu,node=0"), "acpi-generic-initiator gi0: 'gpu' is no PCI device"],
    [
      "-object acpi-generic-port,id=gp0,pci-bus=x,node=0",
      "acpi-generic-port gp0: 'x' is no CXL host bridge",
    ],
    ["-object iothread,id=a -object secret,id=a", "secret: there is an object 'a' already"],
    ["-object rng-builtin,id=1x", "rng-builtin: '1x' is no id"],
    ["-object memory-backend-ram,id=m1", "memory-backend-ram m1: missing parameter 'size'"],
    ["-numa node,nodeid=0", "numa node 0: is declared twice"],
    ["-numa node,nodeid=128", "numa node 128: QEMU has room for 128 nodes"],
    ["-numa node,nodeid=1,memdev=m0", "numa node 1: memory backend 'm0' is in use already"],
    ["-numa node,nodeid=1,memdev=m9", "numa node 1: there is no memory backend 'm9'"],
    ["-numa node,nodeid=1,cpus=2", "numa node 1: there is no CPU 2"],
    ["-numa node,nodeid=1,cpus=1", "numa node 1: CPU 1 belongs to node 0 already"],
    ["-numa node,nodeid=1,mem=1M", "numa node 1: this machine type does not take 'mem'"],
    ["-numa node,nodeid=1,initiator=0", "numa node 1: needs a machine with HMAT"],
    ["-numa node,nodeid=1,cpu=1", "numa node: unknown parameter 'cpu'"],
    ["-numa cpu,node-id=1,core-id=0", "numa cpu: there is no node 1"],
    ["-numa dist,src=0,dst=1,val=20", "numa dist: dst 1: there is no such node"],
    ["-numa dist,src=0,dst=0,val=11", "from node 0 to 0: the distance to oneself is 10, not 11"],
    ["-numa dist,src=0,dst=0,val=9", "from node 0 to 0: 9 is less than 10"],
    ["-device pci-testdev,bus=x", "pci-testdev: there is no bus 'x'"],
    ["-device pci-testdev,addr=1f.0", "its place, 1f.0 on pcie.0, is taken by ICH9-LPC"],
    [`${GPU} -device edu,id=gpu`, "edu gpu: there is a device 'gpu' already"],
    ["-device pc-dimm,memdev=m0,node=3", "pc-dimm: its parameter 'node' names node 3"],
    ["-device pc-dimm,memdev=m0", "pc-dimm: there is no room for it"],
  ])("%s", (rest, message) => {
    const found = refusal(`${BASE} ${rest}`);
    expect(found.message).toContain(message);
    expect(rest).toContain(found.option ?? "?");
  });

  test.each([
    [latency("initiator=5,target=0,latency=1"), "initiator=5 is beyond the last node"],
    [latency("initiator=1,target=0,latency=1"), "initiator=1 has neither CPUs nor a generic"],
    [latency("initiator=0,target=1,latency=1"), "target=1 is no node"],
    [latency("initiator=0,target=0"), "'access-latency' needs the parameter 'latency'"],
    [latency("initiator=0,target=0,bandwidth=1M,latency=1"), "does not take the parameter 'band"],
    [lb("data-type=speed,initiator=0,target=0"), "parameter 'data-type' does not take \"speed\""],
    [
      lb("data-type=access-bandwidth,initiator=0,target=0,bandwidth=1500K"),
      "1536000 bytes/s between initiator=0 and target=0 are no multiple of 1 MiB/s",
    ],
    [
      `${latency("initiator=0,target=0,latency=1")} ${latency("initiator=0,target=0,latency=2")}`,
      "the access-latency between initiator=0 and target=0 is given twice",
    ],
    [
      `-numa hmat-cache,node-id=0,level=1,${cache}`,
      "latency and bandwidth of node 0 must be given",
    ],
    [`-numa hmat-cache,node-id=3,level=1,${cache}`, "node 3 is beyond the last node"],
    ["-numa node,nodeid=1,cpus=0,initiator=0", "numa node 1: CPU 0 belongs to node 0 already"],
  ])("on a machine with HMAT: %s", (rest, message) => {
    expect(refusal(`${HMAT} ${rest}`).message).toContain(message);
  });

  test.each([
    ["-numa node,nodeid=2", "numa: node 1 is missing"],
    ["-object memory-backend-ram,id=m1,size=1M -numa node,memdev=m1", "0x20100000 bytes, that of"],
    ["-numa node -numa node -numa dist,src=0,dst=1,val=20", "between node 0 and 2"],
    [
      "-numa node -numa node -numa dist,src=0,dst=1,val=20 -numa dist,src=1,dst=0,val=30 " +
        "-numa dist,src=0,dst=2,val=20 -numa dist,src=1,dst=2,val=20",
      "one pair has different distances there and back",
    ],
  ])("as a whole: %s", (rest, message) => {
    const found = refusal(`${BASE} ${rest}`);
    expect(found).toMatchObject({ option: null, message: expect.stringContaining(message) });
  });

  test("when an attached initiator is missing or has no CPU", () => {
    const node1 = "-numa node,nodeid=1,initiator=";
    expect(refusal(`${HMAT} ${node1}5`).message).toContain("node 5, is not declared");
    expect(refusal(`${HMAT} ${node1}1`).message).toContain("node 1, has no CPU");
    const both = `${HMAT} ${node1}1 ${GPU} ${gi("pci-dev=gpu,node=1")}`;
    expect(refusal(both).message).toContain("node 1, has no CPU");
  });

  test("when a CXL window has no host bridge, or an odd size", () => {
    const window = "-M cxl-fmw.0.targets.0=cxl.0,cxl-fmw.0.size=";
    expect(refusal(`${CXL} ${window}4G`).message).toContain("no CXL host bridge 'cxl.0'");
    expect(refusal(`${CXL} ${window}100M`).message).toContain("no multiple of 256 MiB");
    expect(read(`${BASE} ${window}4G`).verdict).toBe("starts");
  });
});

describe("a diagnostic", () => {
  test("points at the parameter, and has a hint", () => {
    const line = `${BASE} ${gi("pci-dev=gpu,node=0,nod=1")}`;
    const [first] = read(line).diagnostics;
    expect(line.slice(first?.start, first?.end)).toBe("nod=1");
    expect(first).toMatchObject({
      code: "E_QEMU_OPTION",
      hint: "parameters are qom-type, id, node, pci-dev; did you mean node?",
    });
  });

  test("is one of several: what QEMU would stop at does not hide the rest", () => {
    const { diagnostics } = read(`${BASE} ${gi("pci-dev=gpu,nodes=1")}`);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      "acpi-generic-initiator gi0: missing parameter 'node'",
      "acpi-generic-initiator gi0: unknown parameter 'nodes'",
    ]);
  });
});

describe("QEMU starts", () => {
  test("a generic initiator whose node is not looked at, because no table is built", () => {
    const alone = "qemu-system-x86_64 -M q35 -nodefaults -m 512M -smp 2";
    expect(read(`${alone} ${gi("pci-dev=none,node=9")}`).verdict).toBe("starts");
    expect(
      read(`${BASE.replace("q35", "q35,acpi=off")} ${gi("pci-dev=none,node=9")}`).verdict,
    ).toBe("starts");
  });

  test("with a warning, a node that an impossible initiator takes out", () => {
    const { verdict, machine, diagnostics } = read(`${HMAT} -numa node,nodeid=1,initiator=128`);
    expect(verdict).toBe("starts");
    expect(machine?.nodes.map(({ id }) => id)).toEqual([0]);
    expect(diagnostics).toMatchObject([{ severity: "warning" }]);
  });

  test("several objects for one device, several devices for one node", () => {
    const line = `${BASE} -numa node ${GPU} -device edu,id=e ${gi("pci-dev=gpu,node=1")} ${[
      "-object acpi-generic-initiator,id=gi1,pci-dev=gpu,node=1",
      "-object acpi-generic-initiator,id=gi2,pci-dev=e,node=1",
    ].join(" ")}`;
    expect(machineOf(line).initiators).toHaveLength(3);
  });
});

test("QEMU crashes for a generic initiator on a machine without a board", () => {
  const line = `qemu-system-x86_64 -M none ${gi("pci-dev=gpu,node=0")}`;
  expect(read(line)).toMatchObject({ verdict: "crashes", machine: null });
  expect(read("qemu-system-x86_64 -M none")).toMatchObject({ verdict: "starts", machine: null });
});

test("a machine type that is not modelled is said to be so", () => {
  expect(read("qemu-system-x86_64 -M microvm")).toMatchObject({
    verdict: "unknown",
    diagnostics: [{ code: "E_QEMU_UNKNOWN" }],
  });
});

describe("words and options", () => {
  test("may be quoted, continued and written in either order", () => {
    const line = `qemu-system-x86_64 -nodefaults \\
      -object 'acpi-generic-initiator,id=gi0,node=1,pci-dev=gpu' -numa "node,nodeid=1" ${GPU}
      -smp 2 -m 0.5G ${NODE0} --machine q35`;
    const { nodes, initiators, ramBytes } = machineOf(line);
    expect([nodes.length, initiators.length, ramBytes]).toEqual([2, 1, 512n << 20n]);
  });

  test("later values replace earlier ones, a comma in a value is written twice", () => {
    const line = `${BASE} -m 1G -m 512M -object secret,id=s,,x,id=s0,data=a,,b`;
    expect(machineOf(line).ramBytes).toBe(512n << 20n);
  });
});

describe("CPUs", () => {
  test("have APIC ids with room for each level", () => {
    const smp = "-smp 6,sockets=2,cores=3";
    const line = BASE.replace("-smp 2", smp).replace("cpus=0-1", "cpus=0-5");
    expect(machineOf(line).cpus.map(({ id }) => id)).toEqual([0, 1, 2, 4, 5, 6]);
  });

  test("without a node go by socket, or to node 0 when others have one", () => {
    const nodes = "-object memory-backend-ram,id=m0,size=512M -numa node,memdev=m0 -numa node";
    const start = "qemu-system-x86_64 -M q35 -nodefaults -m 512M -smp 4,sockets=2,cores=2";
    expect(machineOf(`${start} ${nodes}`).cpus.map(({ node }) => node)).toEqual([0, 0, 1, 1]);
    const some = `${start} ${nodes} -numa cpu,node-id=1,socket-id=1,core-id=1`;
    expect(machineOf(some).cpus.map(({ node }) => node)).toEqual([0, 0, 0, 1]);
    expect(read(some).diagnostics).toMatchObject([{ severity: "warning" }]);
  });

  test("that are absent are in the table too, and counts must fit", () => {
    const line = BASE.replace("-smp 2", "-smp 2,maxcpus=4").replace("cpus=0-1", "cpus=0-3");
    expect(machineOf(line).cpus.map(({ isPresent }) => isPresent)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(refusal(BASE.replace("-smp 2", "-smp 2,cores=3,sockets=2")).message).toContain(
      "smp: sockets 2",
    );
  });
});

describe("buses", () => {
  test("behind bridges get their numbers depth first, expander buses their own", () => {
    const line =
      `${BASE} -device pcie-root-port,id=a,chassis=1,addr=3.0 ` +
      "-device pcie-root-port,id=b,chassis=2,addr=2.0 -device pci-testdev,id=x,bus=a " +
      "-device x3130-upstream,id=up,bus=b -device xio3130-downstream,id=down,bus=up,chassis=3 " +
      "-device pci-testdev,id=y,bus=down -device pxb-pcie,id=p,bus_nr=64,numa_node=0,bus=pcie.0 " +
      "-device pcie-root-port,id=c,bus=p,chassis=4 -device pci-testdev,id=z,bus=c";
    const { functions } = machineOf(line);
    const place = (name: string): string => {
      const found = functions.find(({ id }) => id === name);
      return `${found?.bus}:${found?.device} ${found?.rootNode}`;
    };
    expect(["x", "y", "z"].map(place)).toEqual(["4:0 null", "3:0 null", "65:0 0"]);
  });

  test("hand out slots from the first free one, after what a board has by itself", () => {
    const slots = (line: string): number[] =>
      machineOf(line)
        .functions.filter(({ id }) => id === "gpu")
        .map(({ device }) => device);
    const device = "-device edu,id=gpu";
    expect(slots(`${BASE} ${device}`)).toEqual([1]);
    expect(slots(`${BASE.replace("-nodefaults", "")} ${device}`)).toEqual([3]);
    expect(slots(`${BASE.replace("q35", "pc")} ${device}`)).toEqual([2]);
  });
});

describe("SRAT", () => {
  /** Memory entries as domain, first and last byte, and flags. */
  function memory(line: string): string[] {
    return (buildQemuTables(machineOf(line)).srat?.entries ?? []).flatMap((entry) => {
      if (entry.kind !== "memory") return [];
      const { proximityDomain: domain, base, length, flags } = entry;
      if (length === 0n) return ["padding"];
      return [`${domain} ${base.toString(16)} ${(base + length).toString(16)} ${flags}`];
    });
  }
  const two = (first: string, second: string, total: string, type = "q35"): string =>
    `qemu-system-x86_64 -M ${type} -nodefaults -m ${total} -smp 2 ` +
    `-object memory-backend-ram,id=m0,size=${first} -numa node,cpus=0,memdev=m0 ` +
    `-object memory-backend-ram,id=m1,size=${second} -numa node,cpus=1,memdev=m1`;

  test("leaves out the hole below 1 MiB, and pads to two entries more than nodes", () => {
    expect(memory(two("256M", "256M", "512M"))).toEqual([
      "0 0 a0000 1",
      "0 100000 10000000 1",
      "1 10000000 20000000 1",
      "padding",
    ]);
  });

  test("moves the next node up when one ends in that hole, its end beyond the low memory", () => {
    expect(memory(two("768K", "256M", "262912K"))).toEqual([
      "0 0 a0000 1",
      "1 100000 100c0000 1",
      "1 100000000 100040000 1",
      "padding",
    ]);
  });

  test("cuts the node that crosses the PCI hole, which starts elsewhere on each board", () => {
    expect(memory(two("1G", "4G", "5G"))).toEqual([
      "0 0 a0000 1",
      "0 100000 40000000 1",
      "1 40000000 80000000 1",
      "1 100000000 1c0000000 1",
    ]);
    expect(memory(two("1G", "4G", "5G", "pc")).at(-1)).toBe("1 100000000 180000000 1");
  });

  test("gives the window for memory devices to the highest node, less other memory in it", () => {
    const line =
      `${two("256M", "256M", "512M,slots=1,maxmem=1G")} -numa node ` +
      "-object memory-backend-ram,id=s,size=256M -device sp-mem,memdev=s,node=1";
    expect(memory(line).slice(-2)).toEqual(["1 100000000 110000000 1", "2 110000000 160000000 3"]);
  });

  test("of the virt machine has no holes and no padding", () => {
    const line = two("256M", "256M", "512M").replace("-M q35", "-M virt");
    expect(memory(line)).toEqual(["0 40000000 50000000 1", "1 50000000 60000000 1"]);
  });

  test("exists without -numa when memory can grow", () => {
    const line = "qemu-system-x86_64 -M q35 -nodefaults -m 512M,slots=1,maxmem=1G -smp 2";
    expect(memory(line)).toHaveLength(4);
    expect(buildQemuTables(machineOf("qemu-system-x86_64 -M q35 -m 512M"))).toEqual({});
  });
});

describe("HMAT", () => {
  const node1 =
    "-m 1G -object memory-backend-ram,id=m1,size=512M -numa node,nodeid=1,memdev=m1,initiator=0";

  function matrix(rest: string): { unit: bigint; entries: unknown } {
    const { hmat } = buildQemuTables(machineOf(`${HMAT} ${node1} ${rest}`));
    const found = hmat?.structures.find(({ kind }) => kind === "matrix");
    if (found?.kind !== "matrix") throw new Error("no matrix");
    return { unit: found.baseUnit, entries: found.entries };
  }

  test("keeps latencies in the largest power of ten that divides them all", () => {
    const both = [
      latency("initiator=0,target=0,latency=100"),
      latency("initiator=0,target=1,latency=250"),
    ];
    expect(matrix(both.join(" "))).toEqual({ unit: 10_000n, entries: [[10, 25]] });
  });

  test("loses the high bits of a latency when a later one has a smaller unit", () => {
    const both = [
      latency("initiator=0,target=0,latency=100000"),
      latency("initiator=0,target=1,latency=7"),
    ];
    expect(matrix(both.join(" "))).toEqual({ unit: 1000n, entries: [[34_464, 7]] });
    const other = both.toReversed().join(" ");
    expect(refusal(`${HMAT} ${node1} ${other}`).message).toContain("too far from the others");
  });

  test("keeps bandwidths in the lowest bit that is set in any, within 16 bits", () => {
    const bandwidth = (target: number, value: string): string =>
      lb(`data-type=access-bandwidth,initiator=0,target=${target},bandwidth=${value}`);
    const both = `${bandwidth(0, "400G")} ${bandwidth(1, "450G")}`;
    expect(matrix(both)).toEqual({ unit: 2048n, entries: [[200, 225]] });
    const far = `${bandwidth(0, "1M")} ${bandwidth(1, "64G")}`;
    expect(refusal(`${HMAT} ${node1} ${far}`).message).toContain("too far from the others");
  });

  test("writes a node without initiator as attached to 128, not valid", () => {
    const line = `${HMAT} ${node1.replace(",initiator=0", "")}`;
    expect(buildQemuTables(machineOf(line)).hmat?.structures).toMatchObject([
      { flags: 1, initiator: 0, memory: 0 },
      { flags: 0, initiator: 128, memory: 1 },
    ]);
  });
});

describe("CEDT", () => {
  const bridges =
    "-device pxb-cxl,id=cxl.0,bus_nr=52,bus=pcie.0 -device pxb-cxl,id=cxl.1,bus_nr=222,bus=pcie.0";
  const windows =
    "-M cxl-fmw.0.targets.0=cxl.0,cxl-fmw.0.targets.1=cxl.1,cxl-fmw.0.size=4G," +
    "cxl-fmw.0.interleave-granularity=4k,cxl-fmw.1.targets.0=cxl.1,cxl-fmw.1.size=1G";

  test("gives registers to the last host bridge first, and windows behind them", () => {
    const { cedt } = buildQemuTables(machineOf(`${CXL} ${bridges} ${windows}`));
    expect(cedt?.structures).toMatchObject([
      { uid: 222, base: 0x1_0000_0000n },
      { uid: 52, base: 0x1_0001_0000n },
      { base: 0x1_1000_0000n, encodedWays: 1, encodedGranularity: 4, targets: [52, 222] },
      { base: 0x2_1000_0000n, encodedWays: 0, encodedGranularity: 0, targets: [222] },
    ]);
  });

  test("of the virt machine lies behind its other regions", () => {
    const line = `${CXL.replace("q35", "virt")} ${bridges} ${windows}`;
    expect(buildQemuTables(machineOf(line)).cedt?.structures).toMatchObject([
      { base: 0x40_0400_0000n },
      { base: 0x40_0401_0000n },
      { base: 0x100_0000_0000n },
      { base: 0x101_0000_0000n },
    ]);
  });
});
