// The domains of libvirt's own test of the limit. Their names say what they are, such as
// `pseries-hardlimit+locked+hostdev`; each has 1 GiB.
import { type LockLimitDomain, PLAIN_DOMAIN } from "@faultline/platform";

const GIB_KIB = 1n << 20n;

/** The domain with a name, or null where the name says something unknown. */
export function ownTestDomain(name: string): LockLimitDomain | null {
  const [, machine, words = ""] = /^(pc|pseries)-(.*)$/.exec(name) ?? [];
  if (machine === undefined) return null;
  const features = new Set(words.split("+"));
  const known = ["kvm", "tcg", "hardlimit", "locked", "hostdev"];
  if ([...features].some((feature) => !known.includes(feature))) return null;
  const isPower = machine === "pseries";
  const hasHostdev = features.has("hostdev");
  return {
    ...PLAIN_DOMAIN,
    name,
    arch: isPower ? "ppc64" : "x86_64",
    type: features.has("tcg") ? "qemu" : "kvm",
    memoryKib: GIB_KIB,
    maxMemoryKib: GIB_KIB,
    // The device's isolation group is put behind a host bridge of its own beside the default one.
    nrSpaprPhbs: isPower ? (hasHostdev ? 2 : 1) : 0,
    hostdevs: hasHostdev ? [{ address: "0001:01:00.0", isNvlink2Bridge: false }] : [],
    hardLimitKib: features.has("hardlimit") ? 2n * GIB_KIB : null,
    isLocked: features.has("locked"),
  };
}
