import type { AcsOptions } from "@faultline/core";
import { PCI_ACS_CR, PCI_ACS_RR, PCI_ACS_SV, PCI_ACS_TB, PCI_ACS_UF } from "@faultline/core";
import { expect, test } from "vitest";
import { SmallMachine } from "../test-kit/small-machine.ts";
import { enableAcs, iommuRequestsAcs } from "./enable-acs.ts";

const STANDARD = PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF;
const PATH = "host0/1";

interface Boot extends AcsOptions {
  readonly isRequested: boolean;
}

/** The control value of a root port after a boot; firmware left `firmware`. */
function controlAfter(boot: Boot, firmware = 0): number | undefined {
  const m = new SmallMachine();
  const port = m.add("root-port", m.root(), firmware);
  enableAcs(m.machine, boot.isRequested, boot);
  return port.acs?.ctrl;
}

test("without a request the firmware's value stays", () => {
  expect(controlAfter({ isRequested: false }, PCI_ACS_TB)).toBe(PCI_ACS_TB);
});

test("a request adds the standard set, and translation blocking where ATS is off", () => {
  expect(controlAfter({ isRequested: true })).toBe(STANDARD);
  expect(controlAfter({ isRequested: true, atsIsOff: true })).toBe(STANDARD | PCI_ACS_TB);
});

test("disable_acs_redir starts from the firmware's value: what was requested is lost", () => {
  const boot = { isRequested: true, disableAcsRedir: [PATH] };
  expect(controlAfter(boot)).toBe(0);
  expect(controlAfter(boot, PCI_ACS_SV | PCI_ACS_RR)).toBe(PCI_ACS_SV);
});

test("config_acs replaces the positions written 0 or 1 and keeps the firmware's others", () => {
  const configAcs = [{ flags: "1x0", path: PATH }];
  expect(controlAfter({ isRequested: true, configAcs }, PCI_ACS_SV | PCI_ACS_TB)).toBe(
    PCI_ACS_RR | PCI_ACS_TB,
  );
});

test("the first config_acs entry of a function counts, and wins over disable_acs_redir", () => {
  const configAcs = [
    { flags: "1", path: PATH },
    { flags: "0", path: PATH },
  ];
  const boot = { isRequested: true, configAcs, disableAcsRedir: [PATH] };
  expect(controlAfter(boot, PCI_ACS_RR)).toBe(PCI_ACS_SV | PCI_ACS_RR);
});

test("an Intel IOMMU that is switched off does not ask for ACS, an AMD one does", () => {
  expect(iommuRequestsAcs("intel", true)).toBe(false);
  expect(iommuRequestsAcs("amd", true)).toBe(true);
  expect(iommuRequestsAcs("intel", false)).toBe(true);
});
