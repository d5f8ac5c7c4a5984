// What is wrong with the parameters of any driver.
import { findKfdKnobProblems } from "./amdkfd/kfd-knobs.ts";
import { findKnobProblems, type KnobProblem } from "./device/check-knobs.ts";
import { DRIVER_NAMES, type DriverName, isDriverName } from "./driver-names.ts";
import { findIdealKnobProblems } from "./ideal/ideal-knobs.ts";
import { findNouveauKnobProblems } from "./nouveau/nouveau-knobs.ts";
import { findOdpKnobProblems } from "./odp/odp-knobs.ts";
import { type DriverPlugins, NO_DRIVER_PLUGINS } from "./plugin/driver-plugins.ts";
import { findSvaKnobProblems } from "./sva/sva-knobs.ts";
import { findUvmKnobProblems } from "./uvm/uvm-knobs.ts";
import { findXeKnobProblems } from "./xe/xe-knobs.ts";

const PAGES = "docs/drivers.md, docs/uvm.md and docs/xe.md list them";

type Given = Readonly<Record<string, unknown>>;
type Find = (given: Given, plugins: DriverPlugins) => KnobProblem[];

const takesNone: Find = (given) => findKnobProblems({ rules: {}, page: "" }, given);

const FINDERS: Readonly<Record<DriverName, Find>> = {
  amdkfd: findKfdKnobProblems,
  dmirror: takesNone,
  ideal: (given, { placements }) => findIdealKnobProblems(given, placements.keys()),
  nouveau: findNouveauKnobProblems,
  odp: findOdpKnobProblems,
  sva: findSvaKnobProblems,
  uvm: (given, { evictions }) => findUvmKnobProblems(given, evictions.keys()),
  xe: findXeKnobProblems,
};

/**
 * Every problem of parameters that a driver is given.
 * @param driver null where it is not known yet: then a parameter must suit one of them.
 * @param plugins drivers and policies beside those of the package.
 */
export function findDriverKnobProblems(
  driver: string | null,
  given: Readonly<Record<string, unknown>>,
  plugins: DriverPlugins = NO_DRIVER_PLUGINS,
): KnobProblem[] {
  if (driver !== null) return findProblems(driver, given, plugins);
  const drivers = [...DRIVER_NAMES, ...plugins.stacks.keys()];
  return Object.entries(given).flatMap(([name, value]): KnobProblem[] => {
    const problems = drivers.flatMap((one) => findProblems(one, { [name]: value }, plugins));
    if (problems.length < drivers.length) return [];
    const known = problems.find(({ isUnknown }) => !isUnknown);
    return [known ?? { name, problem: "unknown to every driver", hint: PAGES, isUnknown: true }];
  });
}

function findProblems(driver: string, given: Given, plugins: DriverPlugins): KnobProblem[] {
  if (isDriverName(driver)) return FINDERS[driver](given, plugins);
  const rules = plugins.stacks.get(driver)?.knobs ?? {};
  return findKnobProblems({ rules, page: "" }, given);
}
