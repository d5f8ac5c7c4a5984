// What the schema cannot say about a machine: names that clash, CPUs that do not exist.
import { type Diagnostic, hintForName, type YamlSource } from "@faultline/diagnostics";
import { numberRanges } from "@faultline/platform";
import { type DriverPlugins, findDriverKnobProblems } from "@faultline/stacks";
import type { PlannedMachine } from "./planned-machine.ts";
import type { Plugins } from "./plugins.ts";
import type { ScenarioDocument } from "./schema/scenario-schema.ts";
import { NR_SHARED_CPUS } from "./timed/shared-cpus.ts";

/** Problems of `machine:` and of how the rest of the document uses it. */
export function checkMachine(
  yaml: YamlSource,
  document: ScenarioDocument,
  machine: PlannedMachine,
  { drivers }: Plugins,
): Diagnostic[] {
  return [
    ...duplicateCpus(yaml, document),
    ...duplicateDevices(yaml, document),
    ...unknownCpus(yaml, document, machine),
    ...cpusOfDevices(yaml, document),
    ...unknownNodes(yaml, document, machine),
    ...wrongKnobs(yaml, document, machine, drivers),
    ...unknownPeers(yaml, document, machine),
  ];
}

function duplicateCpus(yaml: YamlSource, { machine }: ScenarioDocument): Diagnostic[] {
  const seen = new Set<number>();
  const problems: Diagnostic[] = [];
  for (const [n, { cpus }] of (machine.nodes ?? []).entries()) {
    for (const [c, cpu] of cpus.entries()) {
      const path = ["machine", "nodes", n, "cpus", c];
      if (seen.has(cpu)) {
        problems.push(yaml.diagnostic(path, "E_NAME_DUPLICATE", `CPU on two nodes: ${cpu}`));
      }
      seen.add(cpu);
    }
  }
  return problems;
}

function duplicateDevices(yaml: YamlSource, { machine }: ScenarioDocument): Diagnostic[] {
  const seen = new Set<string>();
  return machine.devices.flatMap(({ name }, d) => {
    const isKnown = seen.has(name);
    seen.add(name);
    if (!isKnown) return [];
    const path = ["machine", "devices", d, "name"];
    return [yaml.diagnostic(path, "E_NAME_DUPLICATE", `device declared twice: ${name}`)];
  });
}

function unknownCpus(
  yaml: YamlSource,
  document: ScenarioDocument,
  { nodes }: PlannedMachine,
): Diagnostic[] {
  const cpus = new Set(nodes.flatMap((node) => node.cpus));
  return usedCpus(document).flatMap(({ cpu, path }) => {
    if (cpus.has(cpu)) return unsharedCpu(yaml, document, { cpu, path });
    const hint = `CPUs are ${listNumbers([...cpus])}`;
    return [yaml.diagnostic(path, "E_NAME_UNKNOWN", `unknown CPU: ${cpu}`, { hint })];
  });
}

interface UsedCpu {
  readonly cpu: number;
  readonly path: (string | number)[];
}

/** CPUs that a document names. */
function usedCpus({ machine, processes, steps }: ScenarioDocument): UsedCpu[] {
  return [
    ...processes.map(({ cpu }, p) => ({ cpu, path: ["processes", p, "cpu"] })),
    ...machine.devices.flatMap(({ cpu }, d) => {
      return cpu === undefined ? [] : [{ cpu, path: ["machine", "devices", d, "cpu"] }];
    }),
    ...Object.entries(machine.daemons ?? {}).flatMap(([name, cpu]) => {
      return cpu === undefined ? [] : [{ cpu, path: ["machine", "daemons", name] }];
    }),
    ...steps.flatMap((step, s): UsedCpu[] => {
      if (step.do === "set_cpu") return [{ cpu: step.cpu, path: ["steps", s, "cpu"] }];
      if (step.do !== "workload") return [];
      return (step.cpus ?? []).map((cpu, c) => ({ cpu, path: ["steps", s, "cpus", c] }));
    }),
  ];
}

/** Programs of a device run on no CPU. */
function cpusOfDevices(yaml: YamlSource, { steps }: ScenarioDocument): Diagnostic[] {
  return steps.flatMap((step, s) => {
    if (step.do !== "workload" || step.cpus === undefined || step.device === undefined) return [];
    const hint = "threads of a process run on CPUs; contexts of a device on none";
    const path = ["steps", s, "cpus"];
    return [yaml.diagnostic(path, "E_KEY_UNKNOWN", "cpus beside a device", { hint })];
  });
}

function unsharedCpu(
  yaml: YamlSource,
  { machine }: ScenarioDocument,
  { cpu, path }: UsedCpu,
): Diagnostic[] {
  if (machine.cpus !== "shared" || cpu < NR_SHARED_CPUS) return [];
  const hint = `of CPUs that are shared, 0-${NR_SHARED_CPUS - 1} can be used`;
  return [yaml.diagnostic(path, "E_VALUE_RANGE", `CPU ${cpu} cannot be shared`, { hint })];
}

function unknownNodes(
  yaml: YamlSource,
  document: ScenarioDocument,
  { nodes }: PlannedMachine,
): Diagnostic[] {
  return document.steps.flatMap((step, s) => {
    if (!("node" in step) || step.node === undefined || step.node < nodes.length) return [];
    const path = ["steps", s, "node"];
    const hint = `nodes are 0 to ${nodes.length - 1}`;
    return [yaml.diagnostic(path, "E_NAME_UNKNOWN", `unknown node: ${step.node}`, { hint })];
  });
}

/** Parameters that their driver does not take. */
function wrongKnobs(
  yaml: YamlSource,
  document: ScenarioDocument,
  { devices }: PlannedMachine,
  plugins: DriverPlugins,
): Diagnostic[] {
  return document.machine.devices.flatMap(({ name, stack, knobs }, d) => {
    const driver = stack ?? devices.find((device) => device.name === name)?.driver;
    // The test driver stands in where nobody names one; a profile may still choose another.
    const isOpen = stack === undefined && driver === "dmirror";
    const problems =
      driver === undefined ? [] : findDriverKnobProblems(isOpen ? null : driver, knobs, plugins);
    return problems.map(({ name: knob, problem, hint }) => {
      const path = ["machine", "devices", d, "knobs", knob];
      const message = `${knob}: ${problem}`;
      return yaml.diagnostic(path, "E_VALUE_RANGE", message, { hint });
    });
  });
}

/** Peers that parameters name, `peer:NAME`: another device that the same driver drives. */
function unknownPeers(
  yaml: YamlSource,
  { machine }: ScenarioDocument,
  { devices }: PlannedMachine,
): Diagnostic[] {
  return machine.devices.flatMap(({ name, knobs }, d) => {
    const own = devices.find((device) => device.name === name);
    const peers = devices.flatMap((device) => {
      return device !== own && device.driver === own?.driver ? [device.name] : [];
    });
    return Object.entries(knobs).flatMap(([knob, value]) => {
      const peer = typeof value === "string" ? /^peer:(.+)$/.exec(value)?.[1] : undefined;
      if (peer === undefined || peers.includes(peer)) return [];
      const path = ["machine", "devices", d, "knobs", knob];
      const hint = hintForName(`peers that ${own?.driver ?? name} drives`, peer, peers);
      const message = `${knob}: unknown peer: ${peer}`;
      return [yaml.diagnostic(path, "E_NAME_UNKNOWN", message, { hint })];
    });
  });
}

/** Numbers with runs of three and more shortened: 0, 1, 4-7. */
function listNumbers(numbers: readonly number[]): string {
  const texts = numberRanges(numbers).flatMap(([first, last]) => {
    if (last - first > 1) return [`${first}-${last}`];
    return last > first ? [`${first}`, `${last}`] : [`${first}`];
  });
  return texts.join(", ");
}
