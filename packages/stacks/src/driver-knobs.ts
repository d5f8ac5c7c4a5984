// What is wrong with the parameters of any driver.
import { findKfdKnobProblems } from "./amdkfd/kfd-knobs.ts";
import { findKnobProblems, type KnobProblem } from "./device/check-knobs.ts";
import type { DriverName } from "./driver-names.ts";
import { findOdpKnobProblems } from "./odp/odp-knobs.ts";
import { findSvaKnobProblems } from "./sva/sva-knobs.ts";
import { findUvmKnobProblems } from "./uvm/uvm-knobs.ts";
import { findXeKnobProblems } from "./xe/xe-knobs.ts";

type Find = (given: Readonly<Record<string, unknown>>) => KnobProblem[];

const takesNone: Find = (given) => findKnobProblems({ rules: {}, page: "" }, given);

const FINDERS: Readonly<Record<DriverName, Find>> = {
  amdkfd: findKfdKnobProblems,
  dmirror: takesNone,
  ideal: takesNone,
  nouveau: takesNone,
  odp: findOdpKnobProblems,
  sva: findSvaKnobProblems,
  uvm: findUvmKnobProblems,
  xe: findXeKnobProblems,
};

/** Every problem of parameters that a driver is given. */
export function findDriverKnobProblems(
  driver: DriverName,
  given: Readonly<Record<string, unknown>>,
): KnobProblem[] {
  return FINDERS[driver](given);
}
