import { expect, test } from "vitest";
import { loadScenario } from "../load-scenario.ts";
import { madeUpMachine } from "./made-up-machine.ts";

const MANY = [0, 1, 31, 32, 248, 249, 256];

test.each(MANY)("a machine of %i devices is one, each device at its own place", (n) => {
  const devices = Array.from({ length: n }, (_, i) => `{ name: gpu${i} }`).join(", ");
  const text = `version: 1
title: many devices
machine: { devices: [${devices}] }
steps: [{ do: wait }]
`;
  const { plan } = loadScenario(text, "many.yaml");
  if (plan === null) throw new Error("the scenario is wrong");
  const { functions, devices: made } = madeUpMachine(plan.document);
  expect(made).toHaveLength(n);
  expect(new Set(functions.map(({ at }) => at)).size).toBe(functions.length);
});
