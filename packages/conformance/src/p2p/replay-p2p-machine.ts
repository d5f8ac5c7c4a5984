// Asks the simulated kernel everything that the recorded one was asked about a machine, in the same
// order, and compares every answer.
import {
  DmaDevice,
  invariant,
  PCI_P2PDMA_MAP_NOT_SUPPORTED,
  type P2pdmaProvider,
  type PciDev,
} from "@faultline/core";
import {
  calcMapTypeAndDist,
  dmaMapSgtable,
  nearestP2pmem,
  pciP2pdmaDistance,
  pciP2pdmaDistanceMany,
  pciP2pdmaMapType,
  pcimP2pdmaProvider,
} from "@faultline/engine";
import { type BuiltMachine, buildMachine, writeAcs } from "./build-machine.ts";
import { mapPair, mapRamOnce } from "./map-pair.ts";
import { segmentsText, withoutRamAddresses } from "./p2p-address-text.ts";
import type { P2pQuestion } from "./p2p-difference.ts";
import type { RecordedAnswers, RecordedMachine, RecordedPair } from "./p2p-record.ts";

/** Takes one compared answer. */
export type CompareAnswer = (
  question: P2pQuestion,
  about: () => string,
  expected: unknown,
  actual: unknown,
) => void;

/** One machine while it is asked. */
interface Asking extends BuiltMachine {
  readonly record: RecordedMachine;
  readonly answers: RecordedAnswers;
  readonly compare: CompareAnswer;
  /** Whether the kernel's log would name an unlisted host bridge by now. */
  hasWarned: boolean;
}

/** Asks everything; the record and the answers are ones that the parsers accept. */
export function replayP2pMachine(
  record: RecordedMachine,
  answers: RecordedAnswers,
  compare: CompareAnswer,
): void {
  const asking: Asking = { ...buildMachine(record), record, answers, compare, hasWarned: false };
  compareBoot(asking);
  compareDistances(asking);
  for (const { requester, path } of record.functions) {
    const fn = asking.machine.tree.atPath(path);
    if (requester && fn !== undefined) mapRamOnce(asking.machine, fn.dev);
  }
  for (const pair of answers.pairs) comparePair(asking, pair);
  compareMany(asking);
  compareNearest(asking);
  compareBesidePci(asking);
  compareSecondPass(asking);
  // The recorded count is that of the whole log, both passes.
  const { warned_unlisted: warned } = answers;
  if (warned !== null) compare("warning", () => "", warned > 0, asking.hasWarned);
}

function fnAt({ functions }: BuiltMachine, i: number): PciDev {
  const fn = functions[i];
  invariant(fn !== undefined, `there is no function ${i}`);
  return fn;
}

function providerAt(asking: Asking, i: number): P2pdmaProvider {
  const bar = asking.record.functions[i]?.provider?.bar;
  const provider = bar === undefined ? null : pcimP2pdmaProvider(fnAt(asking, i), bar);
  invariant(provider !== null, `function ${i} provides nothing`);
  return provider;
}

/** Two functions by path. */
function pairText(asking: Asking, p: number, c: number): string {
  return `${fnAt(asking, p).path} for ${fnAt(asking, c).path}`;
}

function compareBoot(asking: Asking): void {
  const { record, machine, functions, compare } = asking;
  record.host_bridges.forEach(({ root, first }, at) => {
    const found = machine.tree.hostBridges[at]?.rootFunctions[0]?.path;
    compare("first", () => root, fnAt(asking, first).path, found);
  });
  record.functions.forEach(({ acs, path }, i) => {
    if (acs !== null) compare("acs", () => path, acs.ctrl, functions[i]?.acs?.ctrl);
  });
}

/** A distance as the kernel's query gives it, with its effect on the log. */
function askDistance(asking: Asking, provider: PciDev, client: PciDev): number {
  const { type, distance, warnedAbout } = calcMapTypeAndDist(asking.machine, provider, client);
  if (warnedAbout !== null) asking.hasWarned = true;
  return type === PCI_P2PDMA_MAP_NOT_SUPPORTED ? -1 : distance;
}

function compareDistances(asking: Asking): void {
  const { functions, answers, compare } = asking;
  functions.forEach((provider, p) => {
    functions.forEach((client, c) => {
      const expected = answers.dist[p]?.[c];
      const actual = askDistance(asking, provider, client);
      compare("distance", () => pairText(asking, p, c), expected, actual);
    });
  });
}

function comparePair(asking: Asking, pair: RecordedPair): void {
  const { machine, compare } = asking;
  const { dev } = fnAt(asking, pair.c);
  const provider = providerAt(asking, pair.p);
  const about = (): string => pairText(asking, pair.p, pair.c);
  compare("distance", about, pair.dist, pciP2pdmaDistance(machine, provider.owner, dev));
  const pfn = Number(BigInt(`0x${pair.phys}`) >> BigInt(machine.pageShift));
  const got = mapPair(machine, dev, { pfn, provider });
  compare("type", about, pair.type, pciP2pdmaMapType(machine, provider, dev));
  for (const route of ["hmm", "hmm32", "buf", "buf32", "res"] as const) {
    compare(route, about, pair[route], got[route]);
  }
  for (const route of ["sg", "sg32", "mix"] as const) {
    compare(route, about, withoutRamAddresses(pair[route], pair.phys), got[route]);
  }
}

function compareMany(asking: Asking): void {
  const { machine, record, functions, answers, compare } = asking;
  for (const { p, set, n, d } of answers.many) {
    const provider = fnAt(asking, p);
    const clients = functions.filter((fn, i) => {
      const isProvider = record.functions[i]?.provider !== undefined;
      if (fn === provider) return false;
      if (set === 0) return isProvider;
      if (set === 1) return isProvider && fn.hostBridge === provider.hostBridge;
      const isRequester = record.functions[i]?.requester === true;
      return isRequester && pciP2pdmaDistance(machine, provider, fn.dev) >= 0;
    });
    const devices = clients.map(({ dev }) => dev);
    const sum = pciP2pdmaDistanceMany(machine, provider, devices);
    compare(
      "many",
      () => `${provider.path} for set ${set}`,
      { n, d },
      { n: devices.length, d: sum },
    );
  }
}

/** Ties are drawn at random: what was seen must be part of the tie; empty only if it is. */
function compareNearest(asking: Asking): void {
  const { machine, answers, compare } = asking;
  for (const { c, seen } of answers.nearest) {
    const nearest = nearestP2pmem(machine, [fnAt(asking, c).dev]);
    const drawn = seen.map((i) => fnAt(asking, i));
    const fits = drawn.every((fn) => nearest.includes(fn));
    const isPossible = fits && drawn.length > 0 === nearest.length > 0;
    const names = (functions: readonly PciDev[]): string[] => functions.map(({ path }) => path);
    const expected = names(drawn);
    compare(
      "nearest",
      () => fnAt(asking, c).path,
      expected,
      isPossible ? expected : names(nearest),
    );
  }
}

/** A requester that is no PCI function itself. */
function compareBesidePci(asking: Asking): void {
  const { machine, functions, answers, compare } = asking;
  for (const { p, parent, dist, type, sg } of answers.nonpci) {
    const provider = providerAt(asking, p);
    const dev = new DmaDevice("platform device", functions[parent]?.dev ?? null);
    const page = { pfn: provider.owner.p2pdma?.pools[0]?.startPfn ?? 0, provider };
    const table = dmaMapSgtable(machine, dev, [{ page, nrPages: 1 }]);
    const actual = {
      dist: pciP2pdmaDistance(machine, provider.owner, dev),
      type: pciP2pdmaMapType(machine, provider, dev),
      sg: segmentsText(machine, dev, table),
    };
    const place = parent === -1 ? "nothing on PCI" : fnAt(asking, parent).path;
    const about = (): string => `${provider.owner.path} for a device below ${place}`;
    compare("nonpci", about, { dist, type, sg }, actual);
  }
}

/** ACS changes behind the kernel's back: mappings go by what is remembered, distances do not. */
function compareSecondPass(asking: Asking): void {
  const { machine, record, answers, compare } = asking;
  const { acs_after: acsAfter = [], pass2 = [] } = answers;
  writeAcs(machine, record.later_acs);
  for (const { i, ctrl } of acsAfter) {
    compare("later-acs", () => fnAt(asking, i).path, ctrl, fnAt(asking, i).acs?.ctrl);
  }
  for (const { p, c, stale_type: stale, dist, fresh_type: fresh } of pass2) {
    const provider = providerAt(asking, p);
    const client = fnAt(asking, c);
    const about = (): string => pairText(asking, p, c);
    compare("stale-type", about, stale, pciP2pdmaMapType(machine, provider, client.dev));
    compare("later-distance", about, dist, askDistance(asking, provider.owner, client));
    compare("fresh-type", about, fresh, pciP2pdmaMapType(machine, provider, client.dev));
  }
}
