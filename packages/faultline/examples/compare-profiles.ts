// One scenario at the prices of two machines; the drivers are those of the profiles.
import { compare, formatPs } from "faultline";

const scenario = `
version: 1
title: A GPU reads 64 pages that a CPU has written
machine:
  devices: [{ name: gpu0 }]
steps:
  - { do: mmap, name: heap, pages: 64 }
  - { do: write, at: heap, pages: 64 }
  - { do: device_read, device: gpu0, at: heap, pages: 64 }
`;

const { runs } = compare(scenario, ["intel-xe-svm-nothp", "amd-mi250x-xnack-svm"]);
for (const { profile, result, kinds, ratio } of runs) {
  console.log(`${profile.id}: ${formatPs(result.simulatedPs)}, ${ratio?.toFixed(2)} of the first`);
  for (const { device, access, nrFaults, p50Ps } of kinds) {
    console.log(
      `  ${device} ${access}: ${nrFaults} faults, half of them within ${formatPs(p50Ps)}`,
    );
  }
}
