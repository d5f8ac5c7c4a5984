// Every line of the scale study.
import { GPU_AXES } from "./gpu-axes.ts";
import { PAGE_AXES } from "./page-axes.ts";
import { PROCESS_AXES } from "./process-axes.ts";
import type { ScaleAxis } from "./scale-axis.ts";

export const SCALE_AXES: readonly ScaleAxis[] = [...GPU_AXES, ...PAGE_AXES, ...PROCESS_AXES];
