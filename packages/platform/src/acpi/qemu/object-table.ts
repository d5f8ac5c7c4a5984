// `-object`: QEMU makes most objects early and memory backends late, each group in the order of the
// command line.
import { hintForName } from "@faultline/diagnostics";
import type { MachineSettings } from "./machine-settings.ts";
import type { QemuOption } from "./option-list.ts";
import { parameterOf } from "./option-list.ts";
import { OptionReader } from "./option-reader.ts";
import type { RefusalList } from "./refusals.ts";

/** Nodes are numbered from 0 to one less than this. */
export const MAX_NODES = 128;

/** A generic initiator or generic port as it was written. */
export interface AffinitySettings {
  readonly id: string;
  readonly node: number;
  readonly target: string;
  readonly option: QemuOption;
}

/** The objects of the command line. */
export interface ObjectTable {
  /** Every id, in the order of creation. */
  readonly ids: readonly string[];
  /** Bytes of each memory backend. */
  readonly backends: ReadonlyMap<string, bigint>;
  readonly initiators: readonly AffinitySettings[];
  readonly ports: readonly AffinitySettings[];
  /** QEMU follows a pointer that is not there. */
  readonly crashes: boolean;
}

const GENERIC_INITIATOR = "acpi-generic-initiator";
const GENERIC_PORT = "acpi-generic-port";
const BACKEND = /^memory-backend-/;
/** Types that are made after the others; an approximation for those not about memory. */
const LATE = /^(?:memory-backend-|filter-|colo-compare$|rng-egd$|cryptodev-|can-|qtest$|x-vfio-)/;

/** Makes the objects. */
export function readObjects(
  options: readonly QemuOption[],
  { type }: MachineSettings,
  refusals: RefusalList,
): ObjectTable {
  const objects = options.filter(({ name }) => name === "object");
  const isLate = (option: QemuOption): boolean => LATE.test(typeOf(option));
  const inOrder = [...objects.filter((one) => !isLate(one)), ...objects.filter(isLate)];
  const ids: string[] = [];
  const backends = new Map<string, bigint>();
  const initiators: AffinitySettings[] = [];
  const ports: AffinitySettings[] = [];
  let crashes = false;
  for (const option of inOrder) {
    const kind = typeOf(option);
    const id = readId(option, kind, ids, refusals);
    if (id === null) continue;
    ids.push(id);
    const reader = new OptionReader(option, `${kind} ${id}`, refusals);
    if (BACKEND.test(kind)) backends.set(id, readBackend(reader));
    if (kind !== GENERIC_INITIATOR && kind !== GENERIC_PORT) continue;
    const settings = readAffinity(reader, id, kind === GENERIC_PORT ? "pci-bus" : "pci-dev");
    if (settings === null) continue;
    if (type === "none") {
      refusals.add(
        option,
        "E_QEMU_REFUSES",
        `${kind} ${id}: crashes QEMU on a machine without NUMA`,
      );
      crashes = true;
    }
    (kind === GENERIC_PORT ? ports : initiators).push(settings);
  }
  return { ids, backends, initiators, ports, crashes };
}

function typeOf(option: QemuOption): string {
  return parameterOf(option, "qom-type")?.value ?? "";
}

function readId(
  option: QemuOption,
  kind: string,
  others: readonly string[],
  refusals: RefusalList,
): string | null {
  const reader = new OptionReader(option, kind === "" ? "object" : kind, refusals);
  if (kind === "") {
    reader.missing("qom-type");
    return null;
  }
  const id = reader.requiredText("id");
  if (id === undefined) return null;
  if (!/^[A-Za-z][\w.-]*$/.test(id)) {
    const rule = "starts with a letter and goes on with letters, digits, -, . and _";
    reader.refuse(`'${id}' is no id`, { hint: `an id ${rule}`, key: "id" });
    return null;
  }
  if (others.includes(id)) {
    reader.refuse(`there is an object '${id}' already`, { key: "id" });
    return null;
  }
  return id;
}

function readBackend(reader: OptionReader): bigint {
  const sizeBytes = reader.requiredSize("size") ?? 0n;
  const hasSize = reader.parameter("size") !== undefined;
  if (hasSize && sizeBytes === 0n) reader.refuse("its size is 0", { key: "size" });
  return sizeBytes;
}

function readAffinity(
  reader: OptionReader,
  id: string,
  targetKey: "pci-dev" | "pci-bus",
): AffinitySettings | null {
  const target = reader.requiredText(targetKey);
  const node = reader.requiredInteger("node", 0xffff_ffff, "uint64");
  reader.onlyKnows(["qom-type", "id", "node", targetKey]);
  if (target === undefined || node === undefined) return null;
  if (node >= MAX_NODES) {
    reader.refuse(`node ${node}: nodes are numbered from 0 to ${MAX_NODES - 1}`, { key: "node" });
    return null;
  }
  return { id, node, target, option: reader.option };
}

/** A hint with the ids that there are. */
export function idHint(kind: string, wrong: string, ids: Iterable<string>): string {
  return hintForName(kind, wrong, [...ids]);
}
