// Memory and fake BARs of Grace Hopper and Grace Blackwell under the nvgrace-gpu driver.
export * from "./config-emulation.ts";
export * from "./grace-command.ts";
export * from "./grace-parts.ts";
export * from "./grace-session.ts";
export * from "./mig-hw-bug.ts";
export * from "./nvgrace-device.ts";
export * from "./nvgrace-gpu-init-nvdev-struct.ts";
export * from "./readiness.ts";
export * from "./region-access.ts";
export * from "./region-info.ts";
