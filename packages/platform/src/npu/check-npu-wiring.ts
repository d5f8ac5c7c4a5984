// Every fact that a tree states in two places, held against itself and against the hardware.
import { checkBridges } from "./check-bridges.ts";
import { checkGpuLinks } from "./check-gpu-links.ts";
import { checkGpus } from "./check-gpus.ts";
import { checkMemory } from "./check-memory.ts";
import { checkNpus } from "./check-npus.ts";
import type { NpuNodes } from "./npu-nodes.ts";
import type { NpuStage } from "./npu-wiring.ts";

/** Reports every contradiction. */
export function checkNpuWiring(nodes: NpuNodes, stage: NpuStage): void {
  checkNpus(nodes, stage);
  checkBridges(nodes, stage);
  checkGpus(nodes, stage);
  checkGpuLinks(nodes);
  checkMemory(nodes, stage);
}
