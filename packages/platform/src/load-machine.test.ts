import { describe, expect, test } from "vitest";
import { loadMachine } from "./load-machine.ts";
import { machineJsonSchema } from "./machine-schema.ts";

const HEAD = `version: 1
title: A machine
cpu: { vendor: GenuineIntel, family: 6 }
memory: 8GiB
`;
const HOST = `host_bridges:
  - { name: host, root_bus: "00" }
`;
const PORT = '{ name: port, at: "00:01.0", kind: root-port, id: "8086:2030", above: host }';

function endpoint(name: string, bus: string, rest = ""): string {
  const ids = `at: "${bus}:00.0", kind: endpoint, id: "1002:740c"`;
  return `{ name: ${name}, ${ids}, above: port${rest} }`;
}

function machine(functions: readonly string[], head = HEAD + HOST): string {
  return `${head}functions:\n${functions.map((fn) => `  - ${fn}\n`).join("")}`;
}

/** Each problem as `line:column CODE message`, with its hint and related lines. */
function problems(text: string): string[] {
  const { document, diagnostics } = loadMachine(text, "machine.yaml");
  expect(document === null).toBe(diagnostics.length > 0);
  return diagnostics.map(({ line, column, code, message, hint, related = [] }) => {
    const others = related.map((place) => ` (${place.message}: line ${place.line})`).join("");
    return `${line}:${column} ${code} ${message}${hint === undefined ? "" : ` | ${hint}`}${others}`;
  });
}

describe("a machine", () => {
  test("gets its defaults", () => {
    const { document, diagnostics } = loadMachine(machine([PORT]), "machine.yaml");
    expect(diagnostics).toEqual([]);
    expect(document).toMatchObject({
      page_size: "4KiB",
      boot: { noats: false, swiotlb: "default", disable_acs_redir: [], config_acs: [] },
      host_bridges: [{ socket: 0 }],
      functions: [{ bars: [], virtual: false }],
    });
  });

  test("may name functions before what they are below", () => {
    expect(problems(machine([endpoint("gpu", "01"), PORT]))).toEqual([]);
  });

  test("has a JSON Schema", () => {
    expect(JSON.stringify(machineJsonSchema())).toContain('"required":["version","title","cpu"');
  });

  test("has a JSON Schema that describes every key", () => {
    const undescribed: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== "object" || node === null) return;
      for (const [key, value] of Object.entries(node)) {
        visit(value, `${path}.${key}`);
        if (!path.endsWith(".properties")) continue;
        const isDescribed = (value as { description?: unknown }).description !== undefined;
        if (!isDescribed) undescribed.push(`${path}.${key}`);
      }
    };
    visit(machineJsonSchema(), "");
    expect(undescribed).toEqual([]);
  });
});

describe("a bad machine", () => {
  test("with unknown keys, words and ACS bits is told each with a hint", () => {
    const acs = ", acs: { capability: [request-redirekt] }";
    const found = problems(machine([PORT, endpoint("gpu", "01", `${acs}, nane: x`)]));
    expect(found).toHaveLength(2);
    expect(found[0]).toMatch(/^9:\d+ E_VALUE_UNKNOWN unknown value: request-redirekt/);
    expect(found[0]).toContain("did you mean request-redirect?");
    expect(found[1]).toMatch(/^9:\d+ E_KEY_UNKNOWN unknown key: nane.*did you mean name\?$/);
  });

  test("with a circle is told every function in it", () => {
    const found = problems(
      machine([
        PORT,
        '{ name: up, at: "01:00.0", kind: switch-upstream, id: "10b5:8796", above: down }',
        '{ name: down, at: "02:00.0", kind: switch-downstream, id: "10b5:8796", above: up }',
        '{ name: gpu, at: "03:00.0", kind: endpoint, id: "1002:740c", above: down }',
      ]),
    );
    expect(found.map((line) => line.replace(/:\d+ /, " ").split(" | ")[0])).toEqual([
      "9 E_MACHINE_CYCLE up is above itself",
      "10 E_MACHINE_CYCLE down is above itself",
    ]);
  });

  test("with a name that leads nowhere gets the bridges there are", () => {
    const [found = ""] = problems(machine([PORT, endpoint("gpu", "01").replace("port", "portt")]));
    expect(found).toMatch(/^9:\d+ E_NAME_UNKNOWN unknown bridge: portt/);
    expect(found).toContain("bridges are host, port; did you mean port?");
  });

  test("with boot options for functions that do not exist is told so", () => {
    const config = "config_acs: [{ flags: x1, function: p }]";
    const boot = `boot:\n  disable_acs_redir: [portt]\n  ${config}\n`;
    expect(problems(machine([PORT], HEAD + boot + HOST))).toEqual([
      "6:23 E_NAME_UNKNOWN unknown function: portt | functions are port; did you mean port?",
      "7:39 E_NAME_UNKNOWN unknown function: p | functions are port",
    ]);
  });

  test("with a function below one that is no bridge is told so", () => {
    const below = endpoint("nic", "02").replace("above: port", "above: gpu");
    const [found = ""] = problems(machine([PORT, endpoint("gpu", "01"), below]));
    expect(found).toMatch(/^10:\d+ E_MACHINE_PLACE no bridge: gpu \| it is of kind endpoint$/);
  });

  test("with a root port away from a root bus is told where it belongs", () => {
    const below = '{ name: rp, at: "02:00.0", kind: root-port, id: "8086:2030", above: port }';
    const [found = ""] = problems(machine([PORT, below]));
    expect(found).toMatch(
      /E_MACHINE_PLACE root-port cannot be below: port \| it belongs below a host bridge$/,
    );
  });

  test("with an endpoint on a switch's inner bus is told so", () => {
    const up = '{ name: up, at: "01:00.0", kind: switch-upstream, id: "10b5:8796", above: port }';
    const [found = ""] = problems(
      machine([PORT, up, endpoint("gpu", "02").replace("above: port", "above: up")]),
    );
    expect(found).toContain("E_MACHINE_PLACE endpoint cannot be below: up | below a switch-up");
  });

  test("with one name or address twice is shown the first", () => {
    const found = problems(machine([PORT, endpoint("gpu", "01"), endpoint("gpu", "01")]));
    expect(found).toEqual([
      "10:13 E_NAME_DUPLICATE name declared twice: gpu (the first one is here: line 9)",
      "10:22 E_MACHINE_ADDRESS two functions at one address: 0000:01:00.0 " +
        "(the first one is here: line 9)",
    ]);
  });

  test("with a function off its root bus, or two host bridges on one, is told so", () => {
    const hosts = `${HOST}  - { name: other, root_bus: "0000:00" }\n`;
    const found = problems(machine([PORT.replace("00:01.0", "01:01.0")], HEAD + hosts));
    expect(found).toEqual([
      "7:30 E_MACHINE_ADDRESS two host bridges have the root bus: 0:0 " +
        "(the first one is here: line 6)",
      "9:23 E_MACHINE_ADDRESS not on the root bus of host: 01:01.0",
    ]);
  });
});

describe("BARs", () => {
  function bar(name: string, bus: string, ...bars: readonly string[]): string {
    return endpoint(name, bus, `, bars: [${bars.map((one) => `{ ${one} }`).join(", ")}]`);
  }

  function messages(...functions: readonly string[]): string[] {
    return problems(machine([PORT, ...functions])).map((line) => line.replace(/^\S+ /, ""));
  }

  test("may touch, and may be written as text", () => {
    const first = bar("gpu", "01", "index: 0, address: 0x380000000000, size: 1GiB");
    const second = bar("nic", "02", 'index: 0, address: "0x380040000000", size: 1GiB');
    expect(messages(first, second)).toEqual([]);
  });

  test("that overlap are shown together", () => {
    const large = bar("gpu", "01", "index: 0, address: 0x380000000000, size: 4GiB");
    const inside = bar("nic", "02", "index: 2, address: 0x380040000000, size: 1GiB");
    const after = bar("fpga", "03", "index: 1, address: 0x380080000000, size: 1GiB");
    expect(messages(large, inside, after)).toEqual([
      "E_MACHINE_BAR BAR 2 of nic overlaps BAR 0 of gpu (BAR 0 of gpu is here: line 9)",
      "E_MACHINE_BAR BAR 1 of fpga overlaps BAR 0 of gpu (BAR 0 of gpu is here: line 9)",
    ]);
  });

  test("that overlap system memory are told where it is", () => {
    expect(messages(bar("gpu", "01", "index: 0, address: 0x100000000, size: 1GiB"))).toEqual([
      "E_MACHINE_BAR BAR 0 of gpu overlaps system memory at 0x100000000 | " +
        "system memory is from 0x100000000 to 0x280000000",
    ]);
  });

  test("that are not aligned, of an odd size, or there twice are told so", () => {
    expect(messages(bar("gpu", "01", "index: 0, address: 0x380010000000, size: 1GiB"))).toEqual([
      "E_MACHINE_BAR not aligned to its size: 0x380010000000 | " +
        "the nearest place below is 0x380000000000",
    ]);
    expect(messages(bar("gpu", "01", "index: 0, address: 0x380000000000, size: 3GiB"))).toEqual([
      `E_MACHINE_BAR the size is no power of two: ${3 * 2 ** 30} bytes`,
    ]);
    const twice = ["0x380000000000", "0x380040000000"].map(
      (address) => `index: 0, address: ${address}, size: 1GiB`,
    );
    expect(messages(bar("gpu", "01", ...twice))).toEqual(["E_MACHINE_BAR gpu has two BARs 0"]);
  });
});
