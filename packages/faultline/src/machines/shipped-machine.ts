// Machine documents that come with the program: files of scenarios/machines, which the build puts
// beside itself. Run from its sources, the program reads them where they are.
import { existsSync, readFileSync } from "node:fs";
import { invariant } from "@faultline/core";
import { SourceText } from "@faultline/diagnostics";

/** Those that there are. */
export const SHIPPED_MACHINES = [
  "dgx-h100",
  "mi300x-node",
  "one-small-card",
  "switch-box",
  "switch-box-acs",
  "two-root-ports-nic",
  "two-sockets",
  "xe-pair-nic",
  "xe-pair-xe-link",
] as const;
/** One of them. */
export type ShippedMachine = (typeof SHIPPED_MACHINES)[number];

/** Beside this file when it is built, from the bundle, and where the project has them. */
const FOLDERS = ["./", "../dist/machines/", "../../../../scenarios/machines/"];

/** The document, as text under the name that it has in the project. */
export function shippedMachine(name: ShippedMachine): SourceText {
  const urls = FOLDERS.map((folder) => new URL(`${folder}${name}.yaml`, import.meta.url));
  const url = urls.find((one) => existsSync(one));
  invariant(url !== undefined, `the machine ${name} is not shipped`);
  return new SourceText(machineFile(name), readFileSync(url, "utf8"));
}

/** What a scenario in the folder of the project calls the document. */
export function machineFile(name: ShippedMachine): string {
  return `scenarios/machines/${name}.yaml`;
}
