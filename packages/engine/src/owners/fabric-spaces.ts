// The address spaces of private links: what a fabric's address means, it means to every device on
// the fabric. Who owns a page is another matter, and so is whether a link leads there right now.
import {
  createOwnerSpace,
  type Machine,
  type MachineDevice,
  type OwnerSpace,
} from "@faultline/core";
import { formOwnerSpaces } from "./form-owner-spaces.ts";

/** One space for all devices that private links join, however indirectly; else one for each. */
export function fabricSpaces({ devices, fabric }: Machine): Map<MachineDevice, OwnerSpace> {
  const isLinked = (a: MachineDevice, b: MachineDevice): boolean => fabric.isLinked(a.name, b.name);
  const groups = formOwnerSpaces("transitive", devices, isLinked, () => null);
  const spaces = new Map<MachineDevice, OwnerSpace>();
  for (const members of groups) {
    const space = createOwnerSpace(`addresses of ${members.map(({ name }) => name).join(", ")}`);
    for (const member of members) spaces.set(member, space);
  }
  return spaces;
}
