// Scenarios with something taken away, for tests that show what their expectations depend on.
import type { DesignName } from "@faultline/core";
import { loadScenario, type ScenarioPlan } from "@faultline/scenario";
import { expect } from "vitest";
import { readReferenced } from "./read-referenced.ts";

/** The plan of a scenario file. */
export function planOf(path: string, text: string): ScenarioPlan {
  const { plan } = loadScenario(text, path, readReferenced);
  if (plan === null) throw new Error(`${path} is broken`);
  return plan;
}

/** Makes another plan of a plan. */
export type Change = (plan: ScenarioPlan) => ScenarioPlan;

/** Leaves out steps of one kind; `from` spares the first ones. */
export function without(kind: string, from = 0): Change {
  return (plan) => {
    const all = plan.steps.filter(({ step }) => step.do === kind);
    expect(all.length).toBeGreaterThan(from);
    const dropped = new Set(all.slice(from));
    return { ...plan, steps: plan.steps.filter((one) => !dropped.has(one)) };
  };
}

/** A design has another value. */
export function withDesign(name: DesignName, value: string): Change {
  return (plan) => {
    const designs = { ...plan.document.designs, [name]: value };
    return { ...plan, document: { ...plan.document, designs } };
  };
}

/** Every device is driven by `stack`, without parameters. */
export function driven(stack: "ideal"): Change {
  return (plan) => {
    const devices = plan.machine?.devices ?? [];
    const driver = { stack, memory_type: "MEMORY_DEVICE_PRIVATE" as const, knobs: {} };
    const machine = {
      ...plan.document.machine,
      devices: devices.map(({ name }) => ({ name, ...driver })),
    };
    return { ...plan, document: { ...plan.document, machine } };
  };
}

/** No device has parameters. */
export function withoutKnobs(plan: ScenarioPlan): ScenarioPlan {
  const { machine } = plan.document;
  expect(machine.devices.some(({ knobs }) => Object.keys(knobs).length > 0)).toBe(true);
  const devices = machine.devices.map((device) => ({ ...device, knobs: {} }));
  return { ...plan, document: { ...plan.document, machine: { ...machine, devices } } };
}
