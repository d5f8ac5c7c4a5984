// A profile of one's own: another link, and everything else as on the machine that was measured.
import { InputError, SourceText, compare, formatPs } from "faultline";

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

// The text of a file, or the same document as an object.
const text = `
version: 1
id: my-xe
title: Our card behind a slow bridge
extends: intel-xe-svm-nothp
costs:
  copy:
    to_device:
      bandwidth:
        { value: 2, unit: GB/s, low: 1, high: 4, kind: assumed, reason: made up for this page }
`;
const { runs } = compare(scenario, ["intel-xe-svm-nothp", "my-xe"], {
  profiles: [new SourceText("my-xe.yaml", text)],
});
for (const { profile, result, ratio } of runs) {
  console.log(`${profile.id}: ${formatPs(result.simulatedPs)}, ${ratio?.toFixed(2)}`);
}

try {
  compare(scenario, ["my-xe"], {
    profiles: [{ version: 1, id: "host-cpu", title: "Mine", extends: "intel-xe-svm-nothp" }],
  });
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  console.log(error.message);
}
