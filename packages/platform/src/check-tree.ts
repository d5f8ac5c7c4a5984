// What the schema cannot say about a machine's tree: names that clash or lead nowhere, circles,
// functions where their kind cannot be, two functions at one address.
import { formatPciAddress, parsePciAddress, PCI_BRIDGE_KINDS, type PciKind } from "@faultline/core";
import {
  type Diagnostic,
  type DocumentPath,
  hintForName,
  type YamlSource,
} from "@faultline/diagnostics";
import { reportDuplicates } from "./report-duplicates.ts";
import { parseBus } from "./fields.ts";
import type { DocumentFunction, MachineDocument } from "./machine-schema.ts";

/** Kinds that stand only in certain places; `root` is a root bus. */
const PLACES: Partial<Readonly<Record<PciKind, readonly (PciKind | "root")[]>>> = {
  "root-port": ["root"],
  "rc-integrated-endpoint": ["root"],
  "switch-upstream": ["root-port", "switch-downstream"],
  "switch-downstream": ["switch-upstream"],
};

/** Problems of host bridges, functions and the boot options that name them. */
export function checkTree(yaml: YamlSource, document: MachineDocument): Diagnostic[] {
  return [
    ...checkNames(yaml, document),
    ...checkAddresses(yaml, document),
    ...checkPlaces(yaml, document),
    ...checkBoot(yaml, document),
  ];
}

function checkNames(yaml: YamlSource, { host_bridges, functions }: MachineDocument): Diagnostic[] {
  const bridgeNames = host_bridges.map(
    ({ name }, b) => [name, ["host_bridges", b, "name"]] as const,
  );
  const functionNames = functions.map(({ name }, f) => [name, ["functions", f, "name"]] as const);
  const all = [...bridgeNames, ...functionNames];
  return reportDuplicates(yaml, "E_NAME_DUPLICATE", "name declared twice", all);
}

function checkAddresses(
  yaml: YamlSource,
  { host_bridges, functions }: MachineDocument,
): Diagnostic[] {
  const buses = new Map(host_bridges.map(({ name, root_bus }) => [name, parseBus(root_bus)]));
  const roots = host_bridges.map(({ root_bus }, b) => {
    const { domain, bus } = parseBus(root_bus);
    return [`${domain.toString(16)}:${bus.toString(16)}`, ["host_bridges", b, "root_bus"]] as const;
  });
  const places: (readonly [string, DocumentPath])[] = [];
  const misplaced: Diagnostic[] = [];
  functions.forEach(({ at, above }, f) => {
    const address = parsePciAddress(at);
    if (address === null) return;
    const path = ["functions", f, "at"];
    places.push([formatPciAddress(address), path]);
    const root = buses.get(above);
    if (root === undefined || (root.bus === address.bus && root.domain === address.domain)) return;
    const message = `not on the root bus of ${above}: ${at}`;
    misplaced.push(yaml.diagnostic(path, "E_MACHINE_ADDRESS", message));
  });
  return [
    ...reportDuplicates(yaml, "E_MACHINE_ADDRESS", "two host bridges have the root bus", roots),
    ...reportDuplicates(yaml, "E_MACHINE_ADDRESS", "two functions at one address", places),
    ...misplaced,
  ];
}

function checkPlaces(yaml: YamlSource, document: MachineDocument): Diagnostic[] {
  const { host_bridges, functions } = document;
  const bridges = new Set(host_bridges.map(({ name }) => name));
  const byName = new Map(functions.map((fn) => [fn.name, fn]));
  return functions.flatMap((fn, f) => {
    const path = ["functions", f, "above"];
    const above = byName.get(fn.above);
    if (above === undefined && !bridges.has(fn.above)) {
      const names = [...bridges, ...functions.filter(isBridge).map(({ name }) => name)];
      const hint = hintForName("bridges", fn.above, names);
      return [yaml.diagnostic(path, "E_NAME_UNKNOWN", `unknown bridge: ${fn.above}`, { hint })];
    }
    if (isBelowItself(fn, byName)) {
      const message = `${fn.name} is above itself`;
      const hint = "follow `above` from here: it never reaches a host bridge";
      return [yaml.diagnostic(path, "E_MACHINE_CYCLE", message, { hint })];
    }
    const problem = placeProblem(fn, above);
    return problem === null ? [] : [yaml.diagnostic(path, "E_MACHINE_PLACE", ...problem)];
  });
}

function isBridge({ kind }: DocumentFunction): boolean {
  return PCI_BRIDGE_KINDS.has(kind);
}

function isBelowItself(
  fn: DocumentFunction,
  byName: ReadonlyMap<string, DocumentFunction>,
): boolean {
  const seen = new Set<DocumentFunction>();
  for (let at = byName.get(fn.above); at !== undefined; at = byName.get(at.above)) {
    if (at === fn) return true;
    if (seen.has(at)) return false;
    seen.add(at);
  }
  return false;
}

function placeProblem(
  fn: DocumentFunction,
  above: DocumentFunction | undefined,
): [message: string, details: { hint: string }] | null {
  const place = above?.kind ?? "root";
  if (above !== undefined && !isBridge(above)) {
    return [`no bridge: ${above.name}`, { hint: `it is of kind ${above.kind}` }];
  }
  const allowed = PLACES[fn.kind];
  const message = `${fn.kind} cannot be below: ${fn.above}`;
  if (allowed === undefined) {
    if (place !== "switch-upstream") return null;
    return [message, { hint: "below a switch-upstream there are switch-downstream ports only" }];
  }
  if (allowed.includes(place)) return null;
  const words = allowed.map((kind) => (kind === "root" ? "a host bridge" : `a ${kind}`));
  return [message, { hint: `it belongs below ${words.join(" or ")}` }];
}

function checkBoot(yaml: YamlSource, { boot, functions }: MachineDocument): Diagnostic[] {
  const names = functions.map(({ name }) => name);
  const uses: (readonly [string, DocumentPath])[] = [
    ...boot.disable_acs_redir.map((name, n) => [name, ["boot", "disable_acs_redir", n]] as const),
    ...boot.config_acs.map(
      (entry, n) => [entry.function, ["boot", "config_acs", n, "function"]] as const,
    ),
  ];
  return uses.flatMap(([name, path]) => {
    if (names.includes(name)) return [];
    const hint = hintForName("functions", name, names);
    return [yaml.diagnostic(path, "E_NAME_UNKNOWN", `unknown function: ${name}`, { hint })];
  });
}
