// What `lspci -vvv` says, under the names of docs/import.md.
import type { LspciFunction } from "./read-lspci.ts";

/** All facts. Addresses are as the file has them. */
export function lspciFacts(functions: readonly LspciFunction[]): Record<string, unknown> {
  const ports = functions.filter(({ express }) =>
    /^(?:Root|Downstream|Upstream) Port/.test(express ?? ""),
  );
  const withAcs = functions.filter(({ acs }) => acs !== null);
  const redirects = ({ acs }: LspciFunction): boolean =>
    acs !== null && (acs.ctl.includes("ReqRedir") || acs.ctl.includes("CmpltRedir"));
  const [first] = functions;
  const cxl = functions.find((one) => one.cxl !== null);
  const slow = functions.find(({ linkSta }) => linkSta?.includes("downgraded") === true);
  return {
    devices: functions.length,
    pci: first?.written ?? null,
    linkStatus: first === undefined ? null : linkText(first.linkSta),
    acs: withAcs.length === 0 ? null : withAcs.map((one) => acsFact(one, redirects(one))),
    acsRedirectPorts: ports.filter(redirects).map(({ written }) => written),
    portWithoutAcs: ports.filter(({ acs }) => acs === null).map(({ written }) => written),
    cxl: cxl === undefined ? null : cxlFact(cxl),
    downgradedLink: slow === undefined ? null : linkFact(slow),
  };
}

function acsFact({ written, acs }: LspciFunction, acsRedirect: boolean): object {
  return {
    pci: written,
    acsRedirect,
    ctl: acs?.text ?? "",
    capReqRedir: acs?.cap.includes("ReqRedir") ?? false,
    ctlReqRedir: acs?.ctl.includes("ReqRedir") ?? false,
    ctlCmpltRedir: acs?.ctl.includes("CmpltRedir") ?? false,
  };
}

/** `8GT/s x2`. */
function linkText(text: string | null): string | null {
  const [, speed, note = "", width] =
    /Speed ([\d.]+GT\/s)( \(downgraded\))?, Width (x\d+)/.exec(text ?? "") ?? [];
  return speed === undefined || width === undefined ? null : `${speed}${note} ${width}`;
}

function linkFact({ written, linkCap, linkSta }: LspciFunction): object {
  const plain = (text: string | null): string | null =>
    linkText(text)?.replace(" (downgraded)", "") ?? null;
  return { pci: written, capability: plain(linkCap), status: plain(linkSta) };
}

function cxlFact({ written, cxl, linkSta }: LspciFunction): object {
  const has = (word: string): boolean => cxl?.caps.includes(word) ?? false;
  const [, speed, width] = /Speed ([\d.]+)GT\/s.*?Width x(\d+)/.exec(linkSta ?? "") ?? [];
  return {
    pci: written,
    dvsecVendor: "1e98",
    dvsecIds: cxl?.ids ?? [],
    cache: has("Cache"),
    io: has("IO"),
    mem: has("Mem"),
    linkSpeedGTs: Number(speed),
    linkWidth: Number(width),
  };
}
