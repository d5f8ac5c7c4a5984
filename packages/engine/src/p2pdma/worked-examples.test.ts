// Sixteen shapes of a pair on four kinds of host: the distance, and how the pair may talk.
import {
  PCI_ACS_CR,
  PCI_ACS_RR,
  PCI_ACS_SV,
  PCI_ACS_UF,
  PCI_P2PDMA_MAP_BUS_ADDR,
  PCI_P2PDMA_MAP_NOT_SUPPORTED,
  PCI_P2PDMA_MAP_THRU_HOST_BRIDGE,
  type PciDev,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { HOST_KINDS, SmallMachine } from "../test-kit/small-machine.ts";
import { calcMapTypeAndDist } from "./calc-map-type.ts";

const REDIRECT = PCI_ACS_RR | PCI_ACS_CR;
const HARMLESS = PCI_ACS_SV | PCI_ACS_UF;
const TYPES: Readonly<Record<string, number>> = {
  B: PCI_P2PDMA_MAP_BUS_ADDR,
  T: PCI_P2PDMA_MAP_THRU_HOST_BRIDGE,
  X: PCI_P2PDMA_MAP_NOT_SUPPORTED,
};

type Pair = readonly [provider: PciDev, client: PciDev];
type Row = readonly [
  shape: string,
  distance: number,
  /** By host: zen, skx, hsw, none. */
  types: string,
  build: (m: SmallMachine) => Pair,
];

function alone(m: SmallMachine, acs: number | null): Pair {
  const fn = m.add("endpoint", m.add("root-port", m.root()), acs);
  return [fn, fn];
}

function twoFunctions(m: SmallMachine, portAcs: number | null): Pair {
  const port = m.add("root-port", m.root(), portAcs);
  return [m.add("endpoint", port), m.add("endpoint", port)];
}

function onSwitch(
  m: SmallMachine,
  portAcs: number | null,
  rootAcs: number | null = null,
  clientAcs: number | null = null,
): Pair {
  const [left, right] = m.addSwitch(m.add("root-port", m.root(), rootAcs), portAcs);
  return [m.add("endpoint", left), m.add("endpoint", right, clientAcs)];
}

/** An endpoint below a root port of its own that redirects. */
function onRootPort(m: SmallMachine, bridge: number): PciDev {
  return m.add("endpoint", m.add("root-port", m.root(bridge), REDIRECT));
}

function twoRootPorts(m: SmallMachine, otherBridge: number): Pair {
  return [onRootPort(m, 0), onRootPort(m, otherBridge)];
}

/** A card with a switch of its own, below a port. */
function card(m: SmallMachine, port: PciDev): PciDev {
  return m.add("endpoint", m.addSwitch(port)[0]);
}

function twoCards(m: SmallMachine): Pair {
  return [card(m, m.add("root-port", m.root())), card(m, m.add("root-port", m.root()))];
}

function twoCardsOnSwitch(m: SmallMachine, acs: number | null): Pair {
  const [left, right] = m.addSwitch(m.root(), acs);
  return [card(m, left), card(m, right)];
}

const rows: readonly Row[] = [
  ["1 one function", 0, "BBBB", (m) => alone(m, null)],
  ["2 one function that redirects", 0, "TTTX", (m) => alone(m, REDIRECT)],
  ["3 two functions of a device", 2, "BBBB", (m) => twoFunctions(m, null)],
  ["4 the same, their root port redirects", 2, "TTTX", (m) => twoFunctions(m, REDIRECT)],
  ["5 two ports of a switch", 4, "BBBB", (m) => onSwitch(m, null)],
  ["6 the same, the ports redirect", 4, "TTTX", (m) => onSwitch(m, REDIRECT)],
  ["7 the same, other ACS bits only", 4, "BBBB", (m) => onSwitch(m, HARMLESS)],
  ["8 the same, the root port above redirects", 4, "BBBB", (m) => onSwitch(m, null, REDIRECT)],
  ["9 the same, the client redirects", 4, "TTTX", (m) => onSwitch(m, null, null, REDIRECT)],
  ["10 two root ports of a host bridge", 4, "TTTX", (m) => twoRootPorts(m, 0)],
  ["11 root ports of two host bridges", 4, "TTXX", (m) => twoRootPorts(m, 1)],
  ["12 cards with switches on two root ports", 8, "TTTX", (m) => twoCards(m)],
  ["13 such cards on one switch", 8, "BBBB", (m) => twoCardsOnSwitch(m, null)],
  ["14 the same, its ports redirect", 8, "TTTX", (m) => twoCardsOnSwitch(m, REDIRECT)],
  [
    "15 an integrated endpoint and a device",
    3,
    "TTTX",
    (m) => [
      m.add("rc-integrated-endpoint", m.root()),
      m.add("endpoint", m.add("root-port", m.root())),
    ],
  ],
  [
    "16 two integrated endpoints",
    2,
    "TTTX",
    (m) => [m.add("rc-integrated-endpoint", m.root()), m.add("rc-integrated-endpoint", m.root())],
  ],
];

describe.each(rows)("%s", (_, distance, types, build) => {
  test.each(HOST_KINDS.map((host, at) => [host, types.charAt(at)] as const))(
    "on a %s host: %s",
    (host, letter) => {
      const m = new SmallMachine({ host, nrBridges: 2 });
      const [provider, client] = build(m);
      const type = TYPES[letter];
      expect(calcMapTypeAndDist(m.machine, provider, client)).toMatchObject({ type, distance });
      expect(calcMapTypeAndDist(m.machine, client, provider)).toMatchObject({ type, distance });
    },
  );
});
