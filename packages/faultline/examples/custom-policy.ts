// Policies of one's own: what leaves a full GPU first, and where a page goes that a device wants.
import {
  type EvictionOrder,
  type PlacementPolicy,
  type PolicyPlugin,
  runScenario,
} from "faultline";

/** Units in the order in which they came, newest first. */
class NewestFirst implements EvictionOrder {
  private readonly units = new Set<number>();

  added(first: number): void {
    this.units.add(first);
  }

  removed(first: number): void {
    this.units.delete(first);
  }

  used(): void {}

  inOrder(): Iterable<number> {
    return [...this.units].toReversed();
  }
}

/** A page goes to the device at the third fault on it; until then the device uses it from afar. */
const thirdTime: PlacementPolicy = () => {
  const faults = new Map<number, number>();
  return {
    place({ page }) {
      const nr = (faults.get(page) ?? 0) + 1;
      faults.set(page, nr);
      return nr < 3 ? "stay" : "local";
    },
  };
};

const policies: PolicyPlugin[] = [
  {
    kind: "eviction",
    name: "newest-64k",
    policy: { unitShift: 16, order: () => new NewestFirst() },
  },
  { kind: "placement", name: "third-time", policy: thirdTime },
];

const again = "{ do: close_device, device: gpu0 }\n  - { do: device_read, device: gpu0, at: heap }";
const placement = `
version: 1
title: A device that takes what it wants often enough
machine:
  devices: [{ name: gpu0, stack: ideal, knobs: { ideal.placement: third-time } }]
profile: host-cpu
steps:
  - { do: mmap, name: heap, pages: 4 }
  - { do: write, at: heap }
  - { do: device_read, device: gpu0, at: heap }
  - ${again}
  - { do: check, at: heap, seen_by: gpu0, aperture: system }
  - ${again}
  - { do: check, at: heap, seen_by: gpu0, aperture: local }
`;
console.log(`third-time: ${runScenario(placement, { policies }).passed ? "passed" : "failed"}`);

const eviction = `
version: 1
title: A GPU that has room for half of what it reads
machine:
  file: small.yaml
  devices: [{ name: gpu0, stack: uvm, knobs: { uvm.evictionPolicy: allocation-2m } }]
steps:
  - { do: mmap, name: heap, pages: 4096 }
  - { do: write, at: heap, pages: 4096 }
  - { do: workload, device: gpu0, at: heap, pages: 4096, count: 8192 }
`;
const machine = `
version: 1
title: A GPU with 8 MiB
cpu: { vendor: AuthenticAMD, family: 0x19 }
numa: { nodes: [{ memory: 2GiB, cpus: [0] }] }
host_bridges: [{ name: host0, root_bus: "0000:00" }]
functions:
  - { name: port, at: "00:01.0", kind: root-port, id: "1022:14ab", above: host0 }
  - { name: gpu0, at: "01:00.0", kind: endpoint, id: "10de:1db4", above: port }
devices: [{ name: gpu0, kind: gpu, initiators: [gpu0], memory: { size: 8MiB } }]
`;
const profile = "nv-v100-pcie3-uvm";
for (const policy of ["allocation-2m", "newest-64k"]) {
  const set = [`machine.devices.gpu0.knobs={ uvm.evictionPolicy: ${policy} }`];
  const { result, moved } = runScenario(eviction, { policies, set, read: () => machine, profile });
  const bytes = moved.find(({ from }) => from === "gpu0")?.bytes ?? 0;
  const evictions = result.counters["gpu0"]?.["evicted_chunks"];
  console.log(`${policy}: ${evictions} evictions, ${bytes / 2 ** 20} MiB went back`);
}
