// `faultline platform memlock`: how much memory libvirt lets a guest lock, term by term.
import {
  type Diagnostic,
  diagnosticFor,
  diagnosticToJson,
  type SourceText,
} from "@faultline/diagnostics";
import {
  type LibvirtVersion,
  type LockLimit,
  type LockLimitDomain,
  type LockLimitOptions,
  type LockLimitTerm,
  memoryLockLimit,
  nvlink2BridgesOf,
  parseDomainXml,
  PLAIN_DOMAIN,
  usesPpc64Rule,
} from "@faultline/platform";
import { type Command, InvalidArgumentError, Option } from "commander";
import { formatByteSize, parseByteSize } from "../byte-size.ts";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { plainTable } from "../plain-table.ts";
import { readDeviceTree } from "../read-device-tree.ts";
import { readSource } from "../read-source.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import type { PlatformCommand } from "./platform.ts";

interface MemlockOptions {
  readonly bridge: readonly string[];
  readonly deviceTree?: string;
  readonly arch?: string;
  readonly type?: string;
  readonly memory?: bigint;
  readonly maxMemory?: bigint;
  readonly phbs?: number;
  readonly hostdevs?: number;
  readonly bridges?: number;
  readonly mdevs?: number;
  readonly vdpas?: number;
  readonly nvmes?: number;
  readonly viommu?: true;
  readonly hardLimit?: bigint;
  readonly locked?: true;
  readonly libvirt: LibvirtVersion;
  readonly forceVfio?: true;
  readonly json?: true;
}

const EXAMPLE = {
  shows: "why a guest with NVLink2 GPUs may lock half a terabyte",
  line: "platform memlock --arch ppc64 --memory 32GiB --phbs 2 --bridges 2",
};

/** The sub-command of `faultline platform`. */
export const platformMemlock: PlatformCommand = { add: addMemlockCommand, example: EXAMPLE };

const DESCRIPTION =
  "Calculates the locked-memory limit that libvirt gives a QEMU process and shows every term with" +
  " its formula, value and reason. FILE is a domain (`virsh dumpxml`); options describe one, or" +
  " change what the file says. All arithmetic is in KiB.";

function addMemlockCommand(group: Command, context: CommandContext): void {
  group
    .command("memlock")
    .summary("explain libvirt's locked-memory limit of a guest")
    .description(DESCRIPTION)
    .argument("[file]", "libvirt domain XML; - is stdin")
    .option("--bridge <address...>", "host PCI addresses that are NVLink2 bridges", [])
    .option("--device-tree <file>", "device tree of the host: it says which devices are bridges")
    .option("--arch <name>", "guest architecture: ppc64, ppc64le, x86_64, …")
    .addOption(new Option("--type <name>", "qemu is emulation").choices(["kvm", "qemu"]))
    .option("--memory <size>", "memory at start", parseByteSize)
    .option("--max-memory <size>", "memory it can grow to", parseByteSize)
    .option("--phbs <count>", "PCI host bridges of a pseries guest", parseCount)
    .option("--hostdevs <count>", "PCI devices through VFIO that are no bridges", parseCount)
    .option("--bridges <count>", "NVLink2 bridges through VFIO", parseCount)
    .option("--mdevs <count>", "mediated devices", parseCount)
    .option("--vdpas <count>", "vDPA interfaces", parseCount)
    .option("--nvmes <count>", "NVMe disks through QEMU's own driver", parseCount)
    .option("--viommu", "the guest has an IOMMU")
    .option("--hard-limit <size>", "<hard_limit>", parseByteSize)
    .option("--locked", "<locked/>")
    .addOption(
      new Option("--libvirt <version>", "version to behave like")
        .choices(["12.8", "9.0"])
        .default("12.8"),
    )
    .option("--force-vfio", "as before plugging in a VFIO device; 9.0 only")
    .option("--json", "print the same as JSON")
    .addHelpText("after", examplesText(examples))
    .action((file: string | undefined, options: MemlockOptions) =>
      explainLimit(context, file, options),
    );
}

const examples = [
  EXAMPLE,
  {
    shows: "a domain, with the host's device tree to tell NVLink2 bridges from GPUs",
    line: "platform memlock guest.xml --device-tree /sys/firmware/fdt",
  },
  {
    shows: "how NVMe disks counted in an older libvirt",
    line: "platform memlock --memory 4GiB --hostdevs 1 --nvmes 1 --libvirt 9.0",
  },
];

function explainLimit(
  context: CommandContext,
  file: string | undefined,
  options: MemlockOptions,
): void {
  const found = file === undefined ? fromOptions(options) : fromFile(context, file, options);
  showDiagnostics(context, found.diagnostics, found.sources);
  const diagnostics = found.diagnostics.map(diagnosticToJson);
  const domain = found.domain && overridden(found.domain, options);
  if (domain === null) {
    if (options.json) context.printJson({ diagnostics });
    return;
  }
  const { libvirt: version, forceVfio = false } = options;
  const limit = memoryLockLimit(domain, { version, forceVfio } satisfies LockLimitOptions);
  if (options.json) context.printJson({ ...limitJson(domain, limit, version), diagnostics });
  else context.io.writeOut(limitText(domain, limit));
}

interface FoundDomain {
  readonly domain: LockLimitDomain | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: readonly SourceText[];
}

function fromFile(context: CommandContext, file: string, options: MemlockOptions): FoundDomain {
  const { source, problem } = { problem: undefined, ...readSource(context.io, file) };
  if (source === undefined) {
    return { domain: null, diagnostics: problem === undefined ? [] : [problem], sources: [] };
  }
  const host = bridgesOfHost(context, options);
  const bridges = new Set([...options.bridge, ...host.bridges]);
  const loaded = parseDomainXml(source.text, source.file, (address) => bridges.has(address));
  const known = new Set(loaded.domain?.hostdevs.map(({ address }) => address));
  const unknown = options.bridge.filter((address) => !known.has(address));
  const strangers = loaded.domain === null ? [] : unknown.map((address) => stranger(file, address));
  return {
    domain: host.isBroken ? null : loaded.domain,
    diagnostics: [...loaded.diagnostics, ...strangers, ...host.diagnostics],
    sources: [source, ...host.sources],
  };
}

interface HostBridges extends Pick<FoundDomain, "diagnostics"> {
  readonly bridges: readonly string[];
  readonly sources: readonly SourceText[];
  readonly isBroken: boolean;
}

function bridgesOfHost({ io }: CommandContext, { deviceTree }: MemlockOptions): HostBridges {
  if (deviceTree === undefined) {
    return { bridges: [], diagnostics: [], sources: [], isBroken: false };
  }
  const { tree, diagnostics, sources } = readDeviceTree(io, deviceTree);
  const bridges = tree === null ? [] : nvlink2BridgesOf(tree);
  return { bridges, diagnostics, sources, isBroken: tree === null };
}

function stranger(file: string, address: string): Diagnostic {
  const message = `--bridge ${address}: ${file} hands no such device to the guest`;
  return diagnosticFor("<command line>", "E_OPTION_INVALID", message, { severity: "warning" });
}

function fromOptions({ memory }: MemlockOptions): FoundDomain {
  if (memory === undefined) {
    const message = "no domain: FILE or --memory";
    const problem = diagnosticFor("<command line>", "E_OPTION_INVALID", message);
    return { domain: null, diagnostics: [problem], sources: [] };
  }
  const domain = { ...PLAIN_DOMAIN, memoryKib: 0n, maxMemoryKib: 0n };
  return { domain, diagnostics: [], sources: [] };
}

function overridden(domain: LockLimitDomain, options: MemlockOptions): LockLimitDomain {
  const { memory, maxMemory, hardLimit } = options;
  const memoryKib = memory === undefined ? domain.memoryKib : toKib(memory);
  const largest = memory === undefined ? domain.maxMemoryKib : memoryKib;
  return {
    ...domain,
    arch: options.arch ?? domain.arch,
    type: options.type ?? domain.type,
    memoryKib,
    maxMemoryKib: maxMemory === undefined ? largest : toKib(maxMemory),
    nrSpaprPhbs: options.phbs ?? domain.nrSpaprPhbs,
    hostdevs: [
      ...domain.hostdevs,
      ...hostdevs(options.hostdevs ?? 0, false),
      ...hostdevs(options.bridges ?? 0, true),
    ],
    nrMdevs: options.mdevs ?? domain.nrMdevs,
    nrVdpas: options.vdpas ?? domain.nrVdpas,
    nrNvmes: options.nvmes ?? domain.nrNvmes,
    hasViommu: options.viommu ?? domain.hasViommu,
    hardLimitKib: hardLimit === undefined ? domain.hardLimitKib : toKib(hardLimit),
    isLocked: options.locked ?? domain.isLocked,
  };
}

function hostdevs(count: number, isNvlink2Bridge: boolean): LockLimitDomain["hostdevs"] {
  return Array.from({ length: count }, () => ({ address: "any", isNvlink2Bridge }));
}

function toKib(bytes: bigint): bigint {
  return (bytes + 1023n) >> 10n;
}

function limitJson(domain: LockLimitDomain, limit: LockLimit, libvirt: LibvirtVersion): object {
  const { rule, limitBytes, isUnlimited, terms } = limit;
  return {
    libvirt,
    domain: {
      ...domain,
      memoryKib: Number(domain.memoryKib),
      maxMemoryKib: Number(domain.maxMemoryKib),
      hardLimitKib: domain.hardLimitKib === null ? null : Number(domain.hardLimitKib),
    },
    rule,
    limitBytes: Number(limitBytes),
    isUnlimited,
    terms: terms.map((term) => ({ ...term, kib: Number(term.kib) })),
  };
}

const RULES: Readonly<Record<LockLimit["rule"], string>> = {
  hard_limit: "the domain sets a hard limit, so no other rule applies",
  locked: "the domain locks all its memory: unlimited",
  ppc64: "a POWER guest under KVM",
  generic: "any guest that is not a POWER guest under KVM",
};

function limitText(domain: LockLimitDomain, limit: LockLimit): string {
  const { rule, limitBytes, isUnlimited, terms } = limit;
  const bytes = `${limitBytes} bytes`;
  const size = `${formatByteSize(limitBytes)}, ${bytes}`;
  const result = isUnlimited ? bytes : limitBytes === 0n ? "0: libvirt sets no limit" : size;
  const table = terms.length === 0 ? "" : `\n${termTable(terms)}`;
  return `${describe(domain)}\nrule: ${RULES[rule]}\n${table}\nlimit: ${result}\n`;
}

function describe(domain: LockLimitDomain): string {
  const { name, arch, type, memoryKib, maxMemoryKib, hostdevs: devices } = domain;
  const nrBridges = devices.filter(({ isNvlink2Bridge }) => isNvlink2Bridge).length;
  const grows = maxMemoryKib === memoryKib ? "" : `, up to ${formatByteSize(maxMemoryKib << 10n)}`;
  const counts: readonly (readonly [number, string])[] = [
    [usesPpc64Rule(domain) ? domain.nrSpaprPhbs : 0, "PCI host bridges"],
    [devices.length - nrBridges, "VFIO devices"],
    [nrBridges, "NVLink2 bridges"],
    [domain.nrMdevs, "mediated devices"],
    [domain.nrVdpas, "vDPA interfaces"],
    [domain.nrNvmes, "NVMe disks"],
  ];
  const parts = counts.flatMap(([count, what]) =>
    count === 0 ? [] : [`${count} ${count === 1 ? what.slice(0, -1) : what}`],
  );
  const viommu = domain.hasViommu ? ["a vIOMMU"] : [];
  const memory = `${formatByteSize(memoryKib << 10n)}${grows}`;
  return `${name}: ${[`${arch} ${type}`, memory, ...parts, ...viommu].join(", ")}`;
}

function termTable(terms: readonly LockLimitTerm[]): string {
  const sum = terms.reduce((total, { counts, kib }) => (counts ? total + kib : total), 0n);
  const rows = terms.map(({ name, formula, numbers, kib, counts, why }) => [
    name,
    formula,
    formula === numbers ? "" : numbers,
    counts ? String(kib) : `(${kib})`,
    counts ? why : `not counted: ${why}`,
  ]);
  const total = ["sum", "", "", String(sum), ""];
  return plainTable(
    ["term", "formula", "numbers", "KiB", "why"],
    [...rows, total],
    ["left", "left", "left", "right"],
  );
}

function parseCount(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}
