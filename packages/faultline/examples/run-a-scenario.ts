// A scenario from a text: what each step did to each page, and what a kernel would spend on it.
import { InputError, runScenario } from "faultline";

const scenario = `
version: 1
title: A child of fork writes to a page that lies on a device
machine:
  devices: [{ name: gpu0 }]
steps:
  - { do: mmap, name: heap, pages: 2 }
  - { do: write, at: heap, pages: 2 }
  - { do: migrate_to_device, device: gpu0, at: heap, pages: 2 }
  - { do: fork, as: child }
  - { do: write, process: child, at: heap, expect: { result: ok } }
`;

const run = runScenario(scenario);
console.log(run.passed ? "passed" : "failed");
if (!run.hasClock) {
  for (const { text, changes } of run.result.steps) {
    for (const { process, at, before, after } of changes) {
      console.log(`${text}: ${process} ${at}: ${before} -> ${after}`);
    }
  }
  console.log(`copied pages: ${run.result.effort["page_copy"]}`);
}

// What is wrong is told all at once, each problem with its place and mostly a hint.
try {
  runScenario(scenario.replace("gpu0, at", "gpu1, at").replace("at: heap, exp", "at: hep, exp"));
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  for (const { line, column, code, message } of error.diagnostics) {
    console.log(`${line}:${column} ${code}: ${message}`);
  }
}
