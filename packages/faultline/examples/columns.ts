// The events of runs as columns: typed arrays of numbers, and words, ready for a data frame.
import { RunColumns, compare } from "faultline";

const scenario = `
version: 1
title: A GPU reads what a CPU has written
machine:
  devices: [{ name: gpu0 }]
steps:
  - { do: mmap, name: heap, pages: 64 }
  - { do: write, at: heap, pages: 64 }
  - { do: device_read, device: gpu0, at: heap, pages: 64 }
`;

const columns = new RunColumns();
compare(scenario, ["intel-xe-svm-nothp", "nv-v100-pcie3-uvm"], { columns });

const { faults, stages, migrations } = columns;
console.log(`${faults.fault.length} faults, ${stages.fault.length} stages and waits of them`);

/** The time that one profile's device spends copying, of the latency of its faults. */
for (const profile of new Set(faults.profile)) {
  let copyPs = 0;
  let allPs = 0;
  for (const [row, latencyPs] of faults.latency_ps.entries()) {
    if (faults.profile[row] !== profile || faults.device[row] !== "gpu0") continue;
    copyPs += faults.copy_ps[row] ?? 0;
    allPs += latencyPs;
  }
  console.log(`${profile}: ${((100 * copyPs) / allPs).toFixed(1)} % of the time of faults copies`);
}
const bytes = migrations.bytes.reduce((sum, one) => sum + one, 0);
console.log(`${migrations.bytes.length} migrations moved ${bytes / 1024} KiB`);
// With apache-arrow: tableFromArrays(faults) is a table of all columns.
