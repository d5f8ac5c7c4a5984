// What is wrong with the parameters of any driver.
import { findKfdKnobProblems } from "./amdkfd/kfd-knobs.ts";
import { findKnobProblems, type KnobProblem } from "./device/check-knobs.ts";
import { DRIVER_NAMES, type DriverName } from "./driver-names.ts";
import { findNouveauKnobProblems } from "./nouveau/nouveau-knobs.ts";
import { findOdpKnobProblems } from "./odp/odp-knobs.ts";
import { findSvaKnobProblems } from "./sva/sva-knobs.ts";
import { findUvmKnobProblems } from "./uvm/uvm-knobs.ts";
import { findXeKnobProblems } from "./xe/xe-knobs.ts";

const PAGES = "docs/drivers.md, docs/uvm.md and docs/xe.md list them";

type Find = (given: Readonly<Record<string, unknown>>) => KnobProblem[];

const takesNone: Find = (given) => findKnobProblems({ rules: {}, page: "" }, given);

const FINDERS: Readonly<Record<DriverName, Find>> = {
  amdkfd: findKfdKnobProblems,
  dmirror: takesNone,
  ideal: takesNone,
  nouveau: findNouveauKnobProblems,
  odp: findOdpKnobProblems,
  sva: findSvaKnobProblems,
  uvm: findUvmKnobProblems,
  xe: findXeKnobProblems,
};

/**
 * Every problem of parameters that a driver is given.
 * @param driver null where it is not known yet: then a parameter must suit one of them.
 */
export function findDriverKnobProblems(
  driver: DriverName | null,
  given: Readonly<Record<string, unknown>>,
): KnobProblem[] {
  if (driver !== null) return FINDERS[driver](given);
  return Object.entries(given).flatMap(([name, value]): KnobProblem[] => {
    const problems = DRIVER_NAMES.flatMap((one) => FINDERS[one]({ [name]: value }));
    if (problems.length < DRIVER_NAMES.length) return [];
    const known = problems.find(({ isUnknown }) => !isUnknown);
    return [known ?? { name, problem: "unknown to every driver", hint: PAGES, isUnknown: true }];
  });
}
