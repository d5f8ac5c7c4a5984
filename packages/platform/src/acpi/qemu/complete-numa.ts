// What QEMU checks and fills in when all options are read: nodes, memory, distances, CPUs without
// a node, attached initiators.
import { addDefaultNode, type DraftNode, type NumaDraft } from "./numa-options.ts";
import type { QemuCpu } from "./qemu-machine.ts";
import type { RefusalList } from "./refusals.ts";

/** The NUMA side of a machine. */
export interface CompleteNuma {
  /** In the order of their ids. */
  readonly nodes: readonly DraftNode[];
  readonly cpus: readonly QemuCpu[];
  readonly distances: readonly (readonly number[])[] | null;
}

const LOCAL_DISTANCE = 10;

/** Completes and checks; the first problem ends it, as in QEMU. */
export function completeNuma(draft: NumaDraft, refusals: RefusalList): CompleteNuma {
  const { nodes, settings } = draft;
  const canGrow = settings.nrSlots > 0 || settings.maxRamBytes > settings.ramBytes;
  if (nodes.size === 0 && canGrow) addDefaultNode(draft);
  const problem = nodesProblem(draft) ?? distancesProblem(draft);
  const cpus = placeCpus(draft, refusals);
  const late = problem ?? initiatorProblem(draft);
  if (late !== null) refusals.add(null, "E_QEMU_REFUSES", late);
  const sorted = [...nodes.values()].sort((a, b) => a.id - b.id);
  return { nodes: sorted, cpus, distances: late === null ? distanceMatrix(draft) : null };
}

function nodesProblem({ nodes, settings }: NumaDraft): string | null {
  if (nodes.size === 0) return null;
  for (let id = Math.max(...nodes.keys()); id >= 0; id--) {
    if (!nodes.has(id)) return `numa: node ${id} is missing: ids must have no gaps`;
  }
  const sum = [...nodes.values()].reduce((total, { memoryBytes }) => total + memoryBytes, 0n);
  if (sum === settings.ramBytes) return null;
  const [have, want] = [sum, settings.ramBytes].map((bytes) => `0x${bytes.toString(16)}`);
  return `numa: memory of all nodes is ${have} bytes, that of the machine ${want}`;
}

function distancesProblem({ nodes, distances }: NumaDraft): string | null {
  if (distances.size === 0) return null;
  const given = (from: number, to: number): number | undefined => distances.get(from)?.get(to);
  const ids = [...nodes.keys()].sort((a, b) => a - b);
  const pairs = ids.flatMap((from) => ids.filter((to) => to > from).map((to) => ({ from, to })));
  const without = pairs.find(({ from, to }) => !given(from, to) && !given(to, from));
  if (without !== undefined) {
    const { from, to } = without;
    return `numa: no distance between node ${from} and ${to}: all pairs need one, or none has any`;
  }
  const isAsymmetric = pairs.some(({ from, to }) => {
    const [there, back] = [given(from, to), given(to, from)];
    return there !== undefined && back !== undefined && there !== back;
  });
  const oneWay = pairs.find(({ from, to }) => !given(from, to) || !given(to, from));
  if (!isAsymmetric || oneWay === undefined) return null;
  const { from, to } = oneWay;
  return (
    `numa: one pair has different distances there and back, so every pair needs both; ` +
    `node ${from} and ${to} have one`
  );
}

/** Missing directions are those of the way back. */
function distanceMatrix({ nodes, distances }: NumaDraft): number[][] | null {
  if (distances.size === 0) return null;
  const ids = [...nodes.keys()].sort((a, b) => a - b);
  return ids.map((from) =>
    ids.map((to) => {
      if (from === to) return LOCAL_DISTANCE;
      return distances.get(from)?.get(to) ?? distances.get(to)?.get(from) ?? 0;
    }),
  );
}

/** CPUs without a node go by their socket, or to node 0 when others have one. */
function placeCpus(draft: NumaDraft, refusals: RefusalList): QemuCpu[] {
  const { nodes, cpuNodes, settings } = draft;
  const { possible, nrPresent } = settings.topology;
  const rest = possible.filter(({ index }) => !cpuNodes.has(index));
  if (nodes.size > 0 && rest.length > 0 && cpuNodes.size > 0) {
    const names = rest.map(({ index }) => index).join(", ");
    const message = `numa: CPUs without a node go to node 0: ${names}`;
    refusals.add(null, "E_QEMU_REFUSES", message, { severity: "warning" });
  }
  const bySocket = cpuNodes.size === 0 && nodes.size > 0;
  return possible.map(({ index, apicId, place }) => {
    const node = cpuNodes.get(index) ?? (bySocket ? place.sockets % nodes.size : 0);
    if (bySocket) giveCpu(nodes.get(node), settings.hasHmat);
    const id = settings.type === "virt" ? index : apicId;
    return { index, id, node, isPresent: index < nrPresent };
  });
}

function giveCpu(node: DraftNode | undefined, hasHmat: boolean): void {
  if (node === undefined) return;
  node.hasCpu = true;
  if (hasHmat) node.initiator ??= node.id;
}

function initiatorProblem({ nodes, settings }: NumaDraft): string | null {
  if (!settings.hasHmat) return null;
  for (const { id, initiator } of [...nodes.values()].sort((a, b) => a.id - b.id)) {
    if (initiator === null) continue;
    const named = nodes.get(initiator);
    if (named === undefined) {
      return `numa node ${id}: its initiator, node ${initiator}, is not declared`;
    }
    if (!named.hasCpu) return `numa node ${id}: its initiator, node ${initiator}, has no CPU`;
  }
  return null;
}
