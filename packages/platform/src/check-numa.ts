// Whether NUMA nodes fit together: distances, CPUs, and the memory of the machine.
import { type Diagnostic, hintForName, type YamlSource } from "@faultline/diagnostics";
import { reportDuplicates } from "./report-duplicates.ts";
import { formatSize, parseCpus, parseSizeBytes } from "./fields.ts";
import type { MachineDocument } from "./machine-schema.ts";
import { nodesBytes } from "./memory-ranges.ts";

/** What Linux calls LOCAL_DISTANCE; it refuses a SLIT in which another node is not farther. */
const LOCAL_DISTANCE = 10;

type Numa = NonNullable<MachineDocument["numa"]>;

/** Problems of `numa:`. */
export function checkNuma(yaml: YamlSource, document: MachineDocument): Diagnostic[] {
  const { numa, memory } = document;
  if (numa === undefined) return [];
  return [
    ...checkDeviceNodes(yaml, numa, document.devices),
    ...checkMemory(yaml, numa, memory),
    ...checkCpus(yaml, numa),
    ...checkDistances(yaml, numa),
  ];
}

function checkMemory(yaml: YamlSource, { nodes }: Numa, memory: string | undefined): Diagnostic[] {
  const bytes = nodesBytes(nodes);
  if (bytes === 0n) {
    const hint = "give a node its memory: 64GiB";
    const path = ["numa", "nodes"];
    return [yaml.diagnostic(path, "E_MACHINE_NUMA", "no node has memory", { hint })];
  }
  if (memory === undefined || parseSizeBytes(memory) === bytes) return [];
  const message = `not what the nodes have together: ${memory}`;
  const hint = `they have ${formatSize(bytes)}; without \`memory\` that is the machine's`;
  const related = { path: ["numa", "nodes"], message: "the nodes are here" };
  return [yaml.diagnostic(["memory"], "E_MACHINE_NUMA", message, { hint, related })];
}

/** A node of a device's memory: the device has coherent memory, and the node no CPUs. */
function checkDeviceNodes(
  yaml: YamlSource,
  { nodes }: Numa,
  devices: MachineDocument["devices"],
): Diagnostic[] {
  const names = nodes.flatMap(({ device }, n) =>
    device === undefined ? [] : [[device, ["numa", "nodes", n, "device"]] as const],
  );
  const found = nodes.flatMap(({ device: name, memory, cpus }, n) => {
    if (name === undefined) return [];
    const at = ["numa", "nodes", n];
    const device = devices.find((one) => one.name === name);
    if (device === undefined) {
      const known = devices.map((one) => one.name);
      const hint = hintForName("devices", name, known);
      const message = `unknown device: ${name}`;
      return [yaml.diagnostic([...at, "device"], "E_NAME_UNKNOWN", message, { hint })];
    }
    const report = (key: string, message: string, hint: string): Diagnostic =>
      yaml.diagnostic([...at, key], "E_MACHINE_NUMA", message, { hint });
    if (device.memory?.cpu_coherent !== true) {
      const hint = "only memory with `cpu_coherent: true` can be a node";
      return [report("device", `the CPUs do not reach the memory of ${name}`, hint)];
    }
    const problems: Diagnostic[] = [];
    if (cpus.length > 0)
      problems.push(report("cpus", "the memory of a device has no CPUs", "leave `cpus` out"));
    const { size } = device.memory;
    if (memory !== undefined && parseSizeBytes(memory) > parseSizeBytes(size)) {
      problems.push(report("memory", `more than ${name} has: ${memory}`, `at most ${size}`));
    }
    return problems;
  });
  return [...found, ...reportDuplicates(yaml, "E_MACHINE_NUMA", "one device, two nodes", names)];
}

function checkCpus(yaml: YamlSource, { nodes }: Numa): Diagnostic[] {
  const reversed: Diagnostic[] = [];
  const cpus = nodes.flatMap((node, n) =>
    node.cpus.flatMap((entry, c) => {
      const path = ["numa", "nodes", n, "cpus", c];
      const numbers = parseCpus([entry]);
      if (numbers.length === 0) {
        const [first, last] = String(entry).split("-");
        const hint = `write ${last}-${first}`;
        const message = `the range ends before it starts: ${entry}`;
        reversed.push(yaml.diagnostic(path, "E_VALUE_RANGE", message, { hint }));
      }
      return numbers.map((cpu) => [String(cpu), path] as const);
    }),
  );
  return [...reversed, ...reportDuplicates(yaml, "E_NAME_DUPLICATE", "CPU declared twice", cpus)];
}

function checkDistances(yaml: YamlSource, { nodes, distances }: Numa): Diagnostic[] {
  if (distances === undefined) return [];
  const size = nodes.length;
  const path = ["numa", "distances"];
  const found: Diagnostic[] = [];
  const report = (at: readonly number[], message: string, hint: string): void => {
    found.push(yaml.diagnostic([...path, ...at], "E_MACHINE_NUMA", message, { hint }));
  };
  if (distances.length !== size) {
    report([], `wrong number of rows: ${distances.length}`, `there are ${size} nodes`);
  }
  for (const [from, row] of distances.entries()) {
    if (row.length !== size) {
      report([from], `wrong number of distances: ${row.length}`, `there are ${size} nodes`);
      continue;
    }
    for (const [to, distance] of row.entries()) {
      if (from === to && distance !== LOCAL_DISTANCE) {
        report([from, to], `wrong distance to itself: ${distance}`, "a node is 10 from itself");
      }
      if (from !== to && distance <= LOCAL_DISTANCE) {
        const hint = "another node is more than 10 away; 20 is usual";
        report([from, to], `too short: ${distance}`, hint);
      }
      const back = distances[to]?.length === size ? distances[to]?.[from] : undefined;
      if (to < from && back !== undefined && back !== distance) {
        const message = `not the same both ways: ${distance}`;
        const hint = `from node ${to} to node ${from} it is ${back}`;
        const related = { path: [...path, to, from], message: "the other way is here" };
        const at = [...path, from, to];
        found.push(yaml.diagnostic(at, "E_MACHINE_NUMA", message, { hint, related }));
      }
    }
  }
  return found;
}
