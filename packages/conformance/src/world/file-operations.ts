// The files of a case: mapping, reading, writing, truncating.

import type { AddressSpace } from "@faultline/core";
import { filePunchHole, fileRead, fileTruncate, fileWrite, sysMmap } from "@faultline/engine";
import type { OpOutcome } from "../kernel-under-test.ts";
import type { Token } from "../run-length.ts";
import {
  type OpHandlers,
  type OpScene,
  outcomeOf,
  protOf,
  tokenOf,
  windowPage,
} from "./op-handler.ts";

/** Runs `use` on a file of the case. */
function withFile(
  { machine }: OpScene,
  number: number,
  use: (file: AddressSpace) => OpOutcome,
): OpOutcome {
  const file = machine.files[number];
  return file === undefined ? { e: "EBADF" } : use(file);
}

export const FILE_OPERATIONS: OpHandlers<"fmap" | "fwr" | "frd" | "ftrunc" | "fpunch"> = {
  fmap: (scene, op) =>
    withFile(scene, op.file, (file) => {
      const request = {
        start: windowPage(op.start),
        nrPages: op.len,
        prot: protOf(op.prot),
        shared: op.share === "s",
        file,
        pgoff: op.offset,
      };
      return outcomeOf(scene.machine.run(sysMmap(scene.machine.world, scene.task, request)));
    }),
  fwr: (scene, op) =>
    withFile(scene, op.file, (file) => {
      const { machine, task, opIndex } = scene;
      const tokens = Array.from({ length: op.len }, (_, i) => tokenOf(opIndex, op.page + i));
      const result = machine.run(fileWrite(machine.world, task, file, op.page, tokens));
      return result < 0 ? outcomeOf(result) : { r: 0, t: tokens.slice(0, result) };
    }),
  frd: (scene, op) =>
    withFile(scene, op.file, (file) => {
      const { machine, task } = scene;
      const words = new Uint32Array(op.len);
      const result = machine.run(fileRead(machine.world, task, file, op.page, op.len, words));
      if (result < 0) return outcomeOf(result);
      // Pages behind the end of the file are shown like a bus error.
      const tokens = Array.from(words, (word, i): Token => (i < result ? word : "SB"));
      return { r: 0, t: tokens };
    }),
  ftrunc: (scene, op) =>
    withFile(scene, op.file, (file) =>
      outcomeOf(scene.machine.run(fileTruncate(scene.machine.world, file, op.nrPages))),
    ),
  fpunch: (scene, op) =>
    withFile(scene, op.file, (file) =>
      outcomeOf(scene.machine.run(filePunchHole(scene.machine.world, file, op.page, op.len))),
    ),
};
