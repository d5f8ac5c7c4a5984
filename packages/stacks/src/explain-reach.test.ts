import { createOwnerSpace, type Designs } from "@faultline/core";
import { describe, expect, test } from "vitest";
import { StepHost } from "./device/stack-host.ts";
import { explainReach, type ReachExplanation } from "./explain-reach.ts";
import { IdealStack } from "./ideal/ideal-stack.ts";
import { SmallSystem, type SmallSystemSpec } from "./test-kit/small-system.ts";

/** How the second device reaches the first one's memory, each with an owner space of its own. */
function reach(spec: SmallSystemSpec, isShared = false): ReachExplanation {
  const { system } = new SmallSystem(spec);
  const shared = createOwnerSpace("shared");
  const host = new StepHost();
  const [holder, requester] = system.machine.devices.map((device) => {
    const owner = isShared ? shared : createOwnerSpace(device.name);
    return new IdealStack(system, host, device, owner);
  });
  if (holder === undefined || requester === undefined) throw new Error("two devices are needed");
  return explainReach(requester, holder);
}

const GPU_AND_NIC = [{ name: "gpu" }, { name: "nic", kind: "nic" as const }];
const LINK = [["gpu", "nic"]] as const;

/** `page: aperture by the rule that decided`, for each kind of page. */
function summary({ pages }: ReachExplanation): string[] {
  return pages.map(({ page, aperture, steps, address }) => {
    const rule = steps.find(({ decided }) => decided)?.rule ?? "none";
    return `${page}: ${aperture ?? "moves"}, ${rule}, ${address?.kind ?? "-"}`;
  });
}

describe("the rules in order", () => {
  test("a foreign page moves, after every rule has said why it does not apply", () => {
    const { pages, owners, pci } = reach({ devices: GPU_AND_NIC });
    expect(owners).toEqual(["nic", "gpu"]);
    const [page] = pages;
    expect(page?.steps.map(({ rule, finding }) => `${rule}: ${finding}`)).toEqual([
      "path-local: the page is on gpu",
      "path-interconnect: gpu is in another owner space: gpu",
      "path-p2p-page: the page is no P2P page",
      "path-peer-bar: gpu is in another owner space: gpu",
      "path-system: the page is on gpu, where no CPU reaches it",
      "path-migrate: every rule said no",
    ]);
    expect(pci).toMatchObject({ distance: 4 });
  });

  test("with the conversion a P2P page goes by bus address below one switch", () => {
    const designs: Partial<Designs> = { "hmm.p2pOp": "v2" };
    expect(summary(reach({ devices: GPU_AND_NIC, designs }))).toEqual([
      "device page: moves, path-migrate, -",
      "P2P page: pcie-p2p, path-p2p-page, bus",
    ]);
  });

  test("through the host bridge the address is physical, or an IOVA where one translates", () => {
    const designs: Partial<Designs> = { "hmm.p2pOp": "v2" };
    const plain = reach({ devices: GPU_AND_NIC, designs, acs: true });
    expect(summary(plain)[1]).toBe("P2P page: pcie-p2p, path-p2p-page, physical");
    const translated = reach({ devices: GPU_AND_NIC, designs, iommu: "translate" });
    expect(summary(translated)[1]).toBe("P2P page: pcie-p2p, path-p2p-page, iova");
  });
});

describe("designs about private links", () => {
  test("a NIC with a link uses it only where it may be a member of the fabric", () => {
    const spec = { devices: GPU_AND_NIC, links: LINK };
    expect(summary(reach(spec, true))).toEqual(["device page: pcie-p2p, path-peer-bar, physical"]);
    const designs = { "fabric.nicMembers": "on" } as const;
    expect(summary(reach({ ...spec, designs }, true))).toEqual([
      "device page: interconnect, path-interconnect, fabric",
    ]);
  });

  test("a P2P page takes the link where its pgmap, or a translator, is asked", () => {
    const base = { "hmm.p2pOp": "v2", "fabric.nicMembers": "on" } as const;
    const spec = { devices: GPU_AND_NIC, links: LINK };
    const pages = (
      [{}, { "path.inspectP2pPgmap": "on" }, { "p2p.translators": "fabric" }] as const
    ).map((more) => summary(reach({ ...spec, designs: { ...base, ...more } }))[1]);
    expect(pages).toEqual([
      "P2P page: pcie-p2p, path-p2p-page, bus",
      "P2P page: interconnect, path-interconnect, fabric",
      "P2P page: interconnect, path-interconnect, fabric",
    ]);
  });

  test("a mapping over the link passes the DMA API only by design", () => {
    const spec = { devices: GPU_AND_NIC, links: LINK, iommu: "translate" } as const;
    const member = { "fabric.nicMembers": "on" } as const;
    expect(summary(reach({ ...spec, designs: member }, true))[0]).toContain("fabric");
    const designs = { ...member, "fabric.usesDmaApi": "on" } as const;
    expect(summary(reach({ ...spec, designs }, true))).toEqual([
      "device page: interconnect, path-interconnect, iova",
    ]);
  });
});

describe("the initiator of a NIC with one function on each socket", () => {
  const devices = [
    { name: "gpu", port: 1 },
    { name: "nic", kind: "nic" as const, port: 0, alsoOn: [1] },
  ];

  test.each([
    ["static", "no bridge in common", 8],
    ["shortest", "below one switch", 4],
    ["numaLocal", "below one switch", 4],
  ] as const)("path.selector %s: %s", (selector, _why, distance) => {
    const designs = { "hmm.p2pOp": "v2", "path.selector": selector } as const;
    const { pages } = reach({ devices, designs, manySockets: true, host: "zen" });
    const finding = pages[1]?.steps.find(({ decided }) => decided)?.finding ?? "";
    expect(finding.includes("by nic.1")).toBe(distance === 4);
    expect(pages[1]?.address?.kind).toBe(distance === 4 ? "bus" : "physical");
  });
});
