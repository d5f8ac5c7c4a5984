import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isNvlink2Bridge,
  type LockLimitDomain,
  type LockLimitOptions,
  MEMORY_PARAM_UNLIMITED,
  memoryLockLimit,
  PLAIN_DOMAIN,
} from "./index.ts";

const GIB_KIB = 1n << 20n;

function domain(memoryKib: bigint, rest: Partial<LockLimitDomain> = {}): LockLimitDomain {
  return { ...PLAIN_DOMAIN, memoryKib, maxMemoryKib: memoryKib, ...rest };
}

function power(memoryKib: bigint, nrSpaprPhbs: number, kinds = ""): LockLimitDomain {
  const hostdevs = Array.from(kinds, (kind, at) => {
    return { address: `0006:00:0${at}.0`, isNvlink2Bridge: kind === "b" };
  });
  return domain(memoryKib, { arch: "ppc64", nrSpaprPhbs, hostdevs });
}

function limit(of: LockLimitDomain, options: LockLimitOptions = {}): bigint {
  return memoryLockLimit(of, options).limitBytes;
}

describe("the limit of a POWER guest under KVM", () => {
  test.each([
    ["nothing passed through", power(GIB_KIB, 1), 20_971_520n],
    ["a VFIO device", power(GIB_KIB, 1, "v"), 2_168_455_168n],
    ["32-bit windows that are more than memory", power(GIB_KIB, 8, "v"), 17_230_200_832n],
    ["an NVLink2 bridge", power(32n * GIB_KIB, 1, "vb"), 309_527_052_288n],
    ["bridges behind two host bridges", power(32n * GIB_KIB, 2, "vbb"), 584_409_153_536n],
    ["an NVLink2 bridge and no host bridge", power(4n * GIB_KIB, 0, "b"), 4_345_298_944n],
  ])("with %s", (_what, of, bytes) => {
    expect(limit(of)).toBe(bytes);
  });

  test("takes 256 GiB for each host bridge, however many GPUs are behind it", () => {
    const one = limit(power(GIB_KIB, 1, "b"));
    expect(limit(power(GIB_KIB, 1, "bbbbbb"))).toBe(one);
    const perPhb = (1n << 28n) + 4096n;
    expect(limit(power(GIB_KIB, 2, "b")) - one).toBe(perPhb << 10n);
  });

  test("divides before it multiplies", () => {
    const term = memoryLockLimit(power(1_000_003n, 3, "v")).terms.find(
      ({ name }) => name === "64-bit window",
    );
    expect(term?.kib).toBe(5859n);
  });

  test("is for maximum memory with a bridge, for present memory with other devices", () => {
    const grows = { maxMemoryKib: 1024n * GIB_KIB };
    const other = { ...power(512n * GIB_KIB, 2, "v"), ...grows };
    expect(limit(other)).toBe(560_518_397_952n);
    expect(limit({ ...power(512n * GIB_KIB, 2, "b"), ...grows })).toBe(1_657_882_542_080n);
  });

  test.each(["nrMdevs", "nrVdpas", "nrNvmes"] as const)("counts %s as VFIO", (kind) => {
    expect(limit({ ...power(16n * GIB_KIB, 1), [kind]: 1 })).toBe(17_368_612_864n);
  });

  test("is not for emulated guests or other architectures, which know no bridges", () => {
    const of = power(GIB_KIB, 1, "b");
    expect(limit({ ...of, type: "qemu" })).toBe(2n << 30n);
    expect(limit({ ...of, arch: "x86_64" })).toBe(2n << 30n);
    expect(limit({ ...of, arch: "ppc64le" })).toBe(limit(of));
  });
});

describe("the limit of every other guest", () => {
  const devices = (count: number): LockLimitDomain["hostdevs"] =>
    Array.from({ length: count }, () => ({ address: "any", isNvlink2Bridge: false }));

  test("is none where nothing locks memory", () => {
    expect(memoryLockLimit(domain(GIB_KIB))).toMatchObject({ limitBytes: 0n, terms: [] });
  });

  test.each([
    [{ hostdevs: devices(2) }, 5n, 5n],
    [{ hostdevs: devices(2), hasViommu: true }, 9n, 9n],
    [{ nrVdpas: 2 }, 9n, 9n],
    [{ hostdevs: devices(1), nrNvmes: 1 }, 9n, 5n],
    [{ hostdevs: devices(1), nrNvmes: 1, hasViommu: true }, 9n, 9n],
    [{ hostdevs: devices(1), nrMdevs: 1, nrNvmes: 1, nrVdpas: 1, hasViommu: true }, 17n, 17n],
  ])("of 4 GiB with %j", (rest, now, before) => {
    const of = domain(4n * GIB_KIB, rest);
    expect([limit(of) >> 30n, limit(of, { version: "9.0" }) >> 30n]).toEqual([now, before]);
  });

  test("9.0 asked as if a device were coming; 12.8 does not", () => {
    const of = domain(4n * GIB_KIB, { nrVdpas: 2 });
    expect(limit(of, { version: "9.0", forceVfio: true }) >> 30n).toBe(13n);
    expect(limit(of, { forceVfio: true }) >> 30n).toBe(9n);
  });
});

describe("rules that go before the formulas", () => {
  test("a hard limit, then <locked/>", () => {
    const of = { ...power(GIB_KIB, 1, "b"), hardLimitKib: 2n * GIB_KIB, isLocked: true };
    expect(limit(of)).toBe(2n << 30n);
    expect(memoryLockLimit({ ...of, hardLimitKib: null })).toMatchObject({
      rule: "locked",
      isUnlimited: true,
      limitBytes: MEMORY_PARAM_UNLIMITED,
    });
  });
});

test("a bridge has all four properties; a GPU has another", () => {
  const all = ["reg", "ibm,gpu", "ibm,nvlink", "ibm,nvlink-speed", "memory-region"];
  expect(isNvlink2Bridge(all)).toBe(true);
  for (const missing of all.slice(1)) {
    expect(isNvlink2Bridge(all.filter((name) => name !== missing))).toBe(false);
  }
  expect(isNvlink2Bridge(["ibm,npu", "memory-region"])).toBe(false);
});

test("the terms that count add up to the limit, whatever the domain", () => {
  const count = fc.nat(4);
  const any = fc.record({
    arch: fc.constantFrom("ppc64", "x86_64"),
    memoryKib: fc.bigInt({ min: 1n, max: 1n << 40n }),
    growsKib: fc.bigInt({ min: 0n, max: 1n << 40n }),
    nrSpaprPhbs: fc.nat(31),
    kinds: fc.string({ unit: fc.constantFrom("v", "b"), maxLength: 4 }),
    counts: fc.record({ nrMdevs: count, nrVdpas: count, nrNvmes: count, hasViommu: fc.boolean() }),
    version: fc.constantFrom<"12.8" | "9.0">("12.8", "9.0"),
    forceVfio: fc.boolean(),
  });
  fc.assert(
    fc.property(any, ({ arch, memoryKib, growsKib, nrSpaprPhbs, kinds, counts, ...options }) => {
      const { hostdevs } = power(memoryKib, nrSpaprPhbs, kinds);
      const rest = { arch, nrSpaprPhbs, hostdevs, maxMemoryKib: memoryKib + growsKib, ...counts };
      const found = memoryLockLimit(domain(memoryKib, rest), options);
      const sum = found.terms.reduce((total, term) => total + (term.counts ? term.kib : 0n), 0n);
      expect(found.limitBytes).toBe(sum << 10n);
    }),
  );
});
