// Misuse of the driver: an ArgumentError that names the argument.
import { ArgumentError, World } from "@faultline/core";
import { runToCompletion, sysExit } from "@faultline/engine";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createDmirrorCmd } from "./dmirror-cmd.ts";
import { DmirrorDevice } from "./dmirror-device.ts";
import { dmirrorClose, dmirrorOpen } from "./dmirror-open-close.ts";

it("ranges are whole page numbers", () => {
  fc.assert(
    fc.property(fc.double(), fc.double({ max: 4096 }), (start, nrPages) => {
      const isMeaningful = [start, nrPages].every((n) => Number.isSafeInteger(n) && n >= 0);
      if (isMeaningful && start < 2 ** 44) createDmirrorCmd(start, nrPages);
      else if (!isMeaningful) expect(() => createDmirrorCmd(start, nrPages)).toThrow(ArgumentError);
    }),
  );
  expect(() => createDmirrorCmd(4, -1)).toThrow(/^nrPages: -1 is no whole number/);
});

it("files are opened for living processes and closed once", () => {
  const world = new World();
  const device = new DmirrorDevice(world, 0, false);
  const task = world.createTask(0);
  const file = dmirrorOpen(world, device, task.mm);
  expect(() => dmirrorOpen(new World(), device, task.mm)).toThrow(/^device: /);
  expect(dmirrorClose(world, task, file)).toBe(0);
  expect(() => dmirrorClose(world, task, file)).toThrow(/^dmirror: the file is closed/);
  runToCompletion(sysExit(world, task));
  expect(() => dmirrorOpen(world, device, task.mm)).toThrow(/^mm: address space 1 has ended/);
  expect(() => new DmirrorDevice(world, -1, false)).toThrow(/^number: /);
});
