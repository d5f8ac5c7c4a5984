// Whether private links lead somewhere, once each.
import {
  type Diagnostic,
  type DocumentPath,
  hintForName,
  type YamlSource,
} from "@faultline/diagnostics";
import { reportDuplicates } from "./report-duplicates.ts";
import { fabricEnds } from "./machine-names.ts";
import type { MachineDocument } from "./machine-schema.ts";

interface PlacedLink {
  readonly kind: string;
  readonly ends: readonly [string, string];
  readonly path: DocumentPath;
}

/** Problems of `fabric:`, and of the names that it shares with devices. */
export function checkFabric(yaml: YamlSource, document: MachineDocument): Diagnostic[] {
  const links = document.fabric.links.flatMap(({ kind, between }, l) =>
    between.map((ends, pair): PlacedLink => {
      return { kind, ends, path: ["fabric", "links", l, "between", pair] };
    }),
  );
  return [
    ...checkNames(yaml, document),
    ...checkEnds(yaml, document, links),
    ...checkPairs(yaml, links),
    ...checkSwitches(yaml, document, links),
    ...checkHives(yaml, document, links),
  ];
}

function checkNames(yaml: YamlSource, { devices, fabric }: MachineDocument): Diagnostic[] {
  const names: (readonly [string, DocumentPath])[] = [
    ...devices.map(({ name }, d) => [name, ["devices", d, "name"]] as const),
    ...fabric.switches.map(({ name }, s) => [name, ["fabric", "switches", s, "name"]] as const),
  ];
  const reserved = names
    .filter(([name]) => /^socket\d+$/.test(name))
    .map(([name, path]) => {
      const hint = "links name sockets this way";
      return yaml.diagnostic(path, "E_NAME_DUPLICATE", `name of a socket: ${name}`, { hint });
    });
  return [...reportDuplicates(yaml, "E_NAME_DUPLICATE", "name declared twice", names), ...reserved];
}

function checkEnds(
  yaml: YamlSource,
  document: MachineDocument,
  links: readonly PlacedLink[],
): Diagnostic[] {
  const known = [...fabricEnds(document).keys()];
  return links.flatMap(({ ends, path }) =>
    ends.flatMap((end, at) => {
      if (known.includes(end)) return [];
      const hint = hintForName("ends", end, known);
      return [yaml.diagnostic([...path, at], "E_NAME_UNKNOWN", `unknown end: ${end}`, { hint })];
    }),
  );
}

/** A link leads to another end, and two ends have one link: bundles have a width. */
function checkPairs(yaml: YamlSource, links: readonly PlacedLink[]): Diagnostic[] {
  const loops = links.filter(({ ends: [a, b] }) => a === b);
  const pairs = links
    .filter((link) => !loops.includes(link))
    .map(({ ends, path }) => [ends.toSorted().join(" and "), path] as const);
  return [
    ...loops.map(({ ends: [end], path }) => {
      const hint = "a link has two different ends";
      return yaml.diagnostic(path, "E_MACHINE_LINK", `a link to itself: ${end}`, { hint });
    }),
    ...reportDuplicates(
      yaml,
      "E_MACHINE_LINK",
      "linked twice",
      pairs,
      "two ends have one link; bundled ones are its width",
    ),
  ];
}

function checkSwitches(
  yaml: YamlSource,
  { fabric }: MachineDocument,
  links: readonly PlacedLink[],
): Diagnostic[] {
  return fabric.switches.flatMap(({ name }, s) => {
    const nrLinks = links.filter(({ ends }) => ends.includes(name)).length;
    if (nrLinks >= 2) return [];
    const path = ["fabric", "switches", s, "name"];
    const message = `a switch that forwards nothing: ${name}`;
    const hint = nrLinks === 0 ? "no link ends here" : "one link ends here";
    return [yaml.diagnostic(path, "E_MACHINE_LINK", message, { severity: "warning", hint })];
  });
}

/** The driver makes a hive of all that XGMI joins, so a link between two of them is odd. */
function checkHives(
  yaml: YamlSource,
  { devices }: MachineDocument,
  links: readonly PlacedLink[],
): Diagnostic[] {
  const hives = new Map(devices.map(({ name, hive }) => [name, hive]));
  return links.flatMap(({ kind, ends: [a, b], path }) => {
    if (kind !== "xgmi" || !hives.has(a) || !hives.has(b)) return [];
    const [first, second] = [hives.get(a), hives.get(b)];
    if (first === second) return [];
    const message = `an xgmi link between two hives: ${a} and ${b}`;
    const hint = `${a} is in ${first ?? "none"}, ${b} in ${second ?? "none"}`;
    return [yaml.diagnostic(path, "E_MACHINE_LINK", message, { severity: "warning", hint })];
  });
}
