import { describe, expect, test } from "vitest";
import { smallMachine } from "../test-kit/small-machine.ts";
import { drawMachine } from "./draw-machine.ts";
import { layOut } from "./lay-out.ts";
import { machineGraph } from "./machine-graph.ts";

const machine = smallMachine({
  devices: ["gpu0", "gpu1", "nic0"],
  switches: ["switch0"],
  links: ["gpu0-gpu1 50", "gpu0-switch0 25", "gpu1-switch0 25", "gpu0-socket0 75"],
});

describe("the drawing of a machine", () => {
  test("is the same text each time, and stands alone", async () => {
    const figure = await drawMachine(machine);
    expect(await drawMachine(machine)).toBe(figure);
    expect(figure.match(/https?:[^"]*/g)).toEqual(["http://www.w3.org/2000/svg"]);
    expect(figure).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("names sockets, host bridges, functions, devices and switches", async () => {
    const figure = await drawMachine(machine);
    for (const name of ["socket0", "host", "port-gpu1", "nic0", "switch0", "01:00.0"]) {
      expect(figure).toContain(`>${name}</text>`);
    }
    expect(figure).toContain("A &lt;small&gt; machine");
  });

  test("says of each sort of link what it is, and dashes one that is down", async () => {
    const link = machine.fabric.link("gpu0-gpu1");
    if (link === undefined) throw new Error("no link");
    const up = await drawMachine(machine);
    for (const rate of [25, 50, 75]) {
      expect(up).toContain(`>nvlink, width 2, ${rate} GB/s in each direction, 500 ns</text>`);
    }
    expect(up).not.toContain('stroke-dasharray="2 4"');
    machine.fabric.setLinkUp(link, false);
    expect(await drawMachine(machine)).toMatch(/stroke-dasharray="2 4".*gpu0-gpu1.*, down/);
    machine.fabric.setLinkUp(link, true);
  });

  test("has colours for light and dark that touch nothing around it", async () => {
    const figure = await drawMachine(machine);
    const style = /<style>([\s\S]*?)<\/style>/.exec(figure)?.[1] ?? "";
    expect(style).toContain("@media (prefers-color-scheme:dark)");
    const selectors = style.match(/^[^@{]+(?=\{)/gm) ?? [];
    expect(selectors.length).toBeGreaterThan(10);
    for (const selector of selectors) expect(selector).toMatch(/^\.faultline-machine/);
  });

  test("of a machine without devices and links is its PCI tree", async () => {
    expect(await drawMachine(smallMachine({ devices: [] }))).toContain(">host</text>");
  });
});

describe("the layout", () => {
  test("puts nothing on top of anything else, and all devices in one row", async () => {
    const { nodes } = await layOut(machineGraph(machine));
    const boxes = [...nodes.values()];
    for (const a of boxes) {
      for (const b of boxes) {
        if (a === b) continue;
        const isApart =
          a.x + a.width <= b.x ||
          b.x + b.width <= a.x ||
          a.y + a.height <= b.y ||
          b.y + b.height <= a.y;
        expect(isApart, `${a.node.id} and ${b.node.id}`).toBe(true);
      }
    }
    const rows = boxes.filter(({ node }) => node.kind === "device").map(({ y }) => y);
    expect(new Set(rows).size).toBe(1);
  });

  test("goes down from sockets to switches", async () => {
    const { nodes } = await layOut(machineGraph(machine));
    const heights = ["end socket0", "host host", "fn gpu0", "end gpu0", "end switch0"].map(
      (id) => nodes.get(id)?.y ?? Number.NaN,
    );
    expect(heights).toEqual(heights.toSorted((a, b) => a - b));
  });
});
