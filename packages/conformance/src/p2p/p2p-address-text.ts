// DMA addresses as the recordings write them. IOVAs differ from run to run, so they are written as
// where they lead; so do RAM pages, so they are written as `ram`.
import type { DmaAddress, DmaDevice, PciMachine } from "@faultline/core";
import type { SgTable } from "@faultline/engine";
import type { RecordedSegments } from "./p2p-record.ts";

/** What a failed mapping of a resource is recorded as. */
export const MAPPING_ERROR = "err:-1";

/** One address, for a device. */
export function addressText(machine: PciMachine, dev: DmaDevice, address: DmaAddress): string {
  const { space, page } = address;
  if (space.kind === "bus") return `bus:${hexOf(machine, page)}`;
  if (space.kind === "physical") {
    if (machine.swiotlb?.holds(page) === true) return "bounce";
    return isRamPage(machine, page) ? "ram" : `phys:${hexOf(machine, page)}`;
  }
  const pte = dev.iommu?.lookup(page);
  if (pte === undefined) return "iova->nothing";
  return isRamPage(machine, pte.pfn) ? "iova->ram" : `iova->${hexOf(machine, pte.pfn)}`;
}

/** A mapped list: its segments, or the errno. */
export function segmentsText(
  machine: PciMachine,
  dev: DmaDevice,
  { rc, segments }: SgTable,
): RecordedSegments {
  if (rc !== 0) return `err:${rc}`;
  const bytes = 2 ** machine.pageShift;
  return segments.map(({ address, nrPages }) => [
    nrPages * bytes,
    addressText(machine, dev, address),
  ]);
}

/** A recorded list with the addresses of RAM pages taken out; `phys` is the page asked about. */
export function withoutRamAddresses(recorded: RecordedSegments, phys: string): RecordedSegments {
  if (typeof recorded === "string") return recorded;
  return recorded.map(([length, address]) => {
    const isRam = address.startsWith("iova->") && address !== `iova->${phys}`;
    return [length, isRam ? "iova->ram" : address];
  });
}

function hexOf({ pageShift }: PciMachine, page: number): string {
  return (BigInt(page) << BigInt(pageShift)).toString(16);
}

/** BARs lie in the hole below 4 GiB, or above all RAM. */
function isRamPage({ ramEndPfn, tree }: PciMachine, pfn: number): boolean {
  if (pfn >= ramEndPfn) return false;
  return !tree.functions.some(({ p2pdma }) =>
    p2pdma?.pools.some(({ startPfn, nrPages }) => pfn >= startPfn && pfn < startPfn + nrPages),
  );
}
