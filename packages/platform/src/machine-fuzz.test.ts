// Whatever a person writes, the loader answers with diagnostics or with a machine that can be
// built.
import fc from "fast-check";
import { expect, test } from "vitest";
import { buildMachine } from "./build-machine.ts";
import { loadMachine } from "./load-machine.ts";

const MACHINE = {
  version: 1,
  title: "A machine",
  cpu: { vendor: "AuthenticAMD", family: 25 },
  iommu: { vendor: "amd", mode: "translate" },
  boot: { disable_acs_redir: ["port"], config_acs: [{ flags: "x1", function: "port" }] },
  numa: {
    nodes: [
      { socket: 0, memory: "64GiB", cpus: ["0-7", 16] },
      { socket: 1, memory: "64GiB", cpus: ["8-15"] },
    ],
    distances: [
      [10, 20],
      [20, 10],
    ],
  },
  host_bridges: [
    { name: "host", root_bus: "00", socket: 0 },
    { name: "other", root_bus: "0001:80", socket: 1 },
  ],
  functions: [
    { name: "port", at: "00:01.0", kind: "root-port", id: "1022:14ab", above: "host" },
    { name: "up", at: "01:00.0", kind: "switch-upstream", id: "1000:c030", above: "port" },
    { name: "down", at: "02:00.0", kind: "switch-downstream", id: "1000:c030", above: "up" },
    {
      name: "gpu0",
      at: "03:00.0",
      kind: "endpoint",
      id: "1002:740c",
      above: "down",
      acs: { capability: ["request-redirect"], firmware: [] },
      bars: [{ index: 0, address: 0x3800_0000_0000, size: "32GiB", peer_memory: true }],
    },
    { name: "nic", at: "0001:80:01.0", kind: "endpoint", id: "15b3:1021", above: "other" },
  ],
  fabric: {
    switches: [{ name: "switch" }],
    links: [
      {
        kind: "xgmi",
        between: [
          ["gpu0", "switch"],
          ["switch", "socket1"],
        ],
        width: 2,
        bandwidth: "50GB/s",
        latency: "1.5us",
        source: "assumed",
      },
    ],
  },
  devices: [
    {
      name: "gpu0",
      kind: "gpu",
      initiators: ["gpu0"],
      memory: { size: "32GiB", window: { function: "gpu0", bar: 0 } },
      page_sizes: ["4KiB", "2MiB"],
      hive: "hive",
      node: 1,
      stack: "amdkfd",
    },
    { name: "nic", kind: "nic", initiators: ["nic"] },
  ],
};

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Values that are wrong somewhere and right somewhere else. */
const WORDS = [
  "gpu0 port host up down other nic switch socket0 é 0-3 7-3 4KiB 3GiB 1TiB 00:01.0 03:00.0 80",
  "xgmi endpoint root-port 0x0 0xffffffffffffffff 50GB/s 10ns",
]
  .join(" ")
  .split(" ");
const NUMBERS = [0, 1, -1, 5, 10, 255, 1.5, 2 ** 40, 0x3800_0000_0000];
const VALUES: readonly Json[] = [...WORDS, ...NUMBERS, "", true, null, [], {}];

/** Every mapping and list of a document. */
function holders(value: Json): (Json[] | { [key: string]: Json })[] {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap(holders)];
}

interface Change {
  readonly holder: number;
  readonly entry: number;
  readonly how: "replace" | "delete" | "repeat" | "swap";
  readonly value: Json;
}

function apply(document: Json, { holder, entry, how, value }: Change): void {
  const all = holders(document);
  const chosen = all[holder % all.length] as { [key: string]: Json };
  const keys = Object.keys(chosen);
  const key = keys[entry % Math.max(1, keys.length)];
  if (key === undefined) return;
  const own = chosen[key] as Json;
  if (how === "replace") chosen[key] = structuredClone(value);
  else if (how === "repeat" && Array.isArray(chosen)) chosen.push(structuredClone(own));
  else if (how === "swap") chosen[key] = structuredClone(Object.values(chosen)[0] as Json);
  else if (Array.isArray(chosen)) chosen.splice(Number(key), 1);
  else delete chosen[key];
}

test("a changed machine is either refused with diagnostics or can be built", () => {
  const number = fc.nat(1000);
  const how = fc.constantFrom<Change["how"]>("replace", "replace", "delete", "repeat", "swap");
  const value = fc.constantFrom(...VALUES);
  const change: fc.Arbitrary<Change> = fc.record({ holder: number, entry: number, how, value });
  let nrBuilt = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const document = structuredClone(MACHINE) as Json;
      for (const one of changes) apply(document, one);
      const loaded = loadMachine(JSON.stringify(document, null, 1), "machine.yaml");
      if (loaded.document === null) {
        expect(loaded.diagnostics.some(({ severity }) => severity === "error")).toBe(true);
        for (const { line, column, message } of loaded.diagnostics) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
          expect(message).not.toMatch(/undefined|\[object/);
        }
        return;
      }
      nrBuilt++;
      expect(buildMachine(loaded.document).devices.length).toBe(loaded.document.devices.length);
    }),
    { numRuns: 600 },
  );
  expect(nrBuilt).toBeGreaterThan(20);
});

test("the machine that is changed is good itself", () => {
  const { diagnostics } = loadMachine(JSON.stringify(MACHINE), "machine.yaml");
  expect(diagnostics).toEqual([]);
});
