// What the schema cannot say about a machine: names that clash, CPUs that do not exist.
import type { Diagnostic, YamlSource } from "@faultline/diagnostics";
import type { ScenarioDocument } from "./schema/scenario-schema.ts";

/** Problems of `machine:` and of how the rest of the document uses it. */
export function checkMachine(yaml: YamlSource, document: ScenarioDocument): Diagnostic[] {
  const { nodes, devices } = document.machine;
  const problems: Diagnostic[] = [];
  const cpus = new Set<number>();
  for (const [n, node] of nodes.entries()) {
    for (const [c, cpu] of node.cpus.entries()) {
      const path = ["machine", "nodes", n, "cpus", c];
      if (cpus.has(cpu)) {
        problems.push(yaml.diagnostic(path, "E_NAME_DUPLICATE", `CPU on two nodes: ${cpu}`));
      }
      cpus.add(cpu);
    }
  }
  const known = [...cpus].join(", ");
  for (const [p, { cpu }] of document.processes.entries()) {
    if (cpus.has(cpu)) continue;
    problems.push(
      yaml.diagnostic(["processes", p, "cpu"], "E_NAME_UNKNOWN", `unknown CPU: ${cpu}`, {
        hint: `CPUs are ${known}`,
      }),
    );
  }
  const names = new Set<string>();
  for (const [d, { name }] of devices.entries()) {
    if (names.has(name)) {
      const path = ["machine", "devices", d, "name"];
      problems.push(yaml.diagnostic(path, "E_NAME_DUPLICATE", `device declared twice: ${name}`));
    }
    names.add(name);
  }
  for (const [s, step] of document.steps.entries()) {
    if (step.do === "set_cpu" && !cpus.has(step.cpu)) {
      problems.push(
        yaml.diagnostic(["steps", s, "cpu"], "E_NAME_UNKNOWN", `unknown CPU: ${step.cpu}`, {
          hint: `CPUs are ${known}`,
        }),
      );
    }
    if (!("node" in step) || step.node === undefined || step.node < nodes.length) continue;
    problems.push(
      yaml.diagnostic(["steps", s, "node"], "E_NAME_UNKNOWN", `unknown node: ${step.node}`, {
        hint: `nodes are 0 to ${nodes.length - 1}`,
      }),
    );
  }
  return problems;
}
