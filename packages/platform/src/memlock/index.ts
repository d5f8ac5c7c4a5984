// How much memory libvirt lets a virtual machine lock, and why.
export type { LockLimitDomain, VfioHostdev } from "./lock-limit-domain.ts";
export { PLAIN_DOMAIN } from "./lock-limit-domain.ts";
export type {
  LibvirtVersion,
  LockLimit,
  LockLimitOptions,
  LockLimitRule,
  LockLimitTerm,
} from "./memory-lock-limit.ts";
export { MEMORY_PARAM_UNLIMITED, memoryLockLimit, usesPpc64Rule } from "./memory-lock-limit.ts";
export { nvlink2BridgesOf } from "./nvlink2-bridges-of.ts";
export { isNvlink2Bridge, NVLINK2_BRIDGE_PROPERTIES } from "./nvlink2-bridge.ts";
export { type IsBridge, type LoadedDomain, parseDomainXml } from "./parse-domain-xml.ts";
