// How each driver takes faults out of a device's hands: through how many queues, by how many
// workers, and how many at a time.
import type { DeviceStack, ServiceModel, StackName } from "@faultline/stacks";

/** Nothing waits for a worker. */
const AT_ONCE: ServiceModel = { nrQueues: 1, nrWorkers: 0, batch: 1 };

/** One at a time. */
const SERIAL: ServiceModel = { nrQueues: 1, nrWorkers: 1, batch: 1 };

/** MLX5_NUM_CMD_EQE of include/linux/mlx5/eq.h: events that mlx5's work queue handles at once. */
const MLX5_NUM_CMD_EQE = 32;

/** Entries of the fault buffer; a driver's own parameter says how many it takes at once. */
const WHOLE_BUFFER = 4096;

/**
 * Linux 7.2. xe: queues by address space, one worker each (xe_pagefault.c). amdkfd: the worker of
 * the interrupt ring, one entry after the other, each under the migrate_mutex of its range, which
 * counts as the block here (kfd_svm.c). nouveau: one worker takes the whole buffer and replays once
 * (nouveau_svm.c). uvm: one bottom half takes a batch; what it would flush out of the buffer waits
 * here for the next one (uvm_gpu_replayable_faults.c). odp: a work queue of high priority (odp.c).
 * sva: an unbound work queue that is never full here (io-pgfault.c).
 */
export const SERVICE_MODELS: Readonly<Record<StackName, ServiceModel>> = {
  ideal: AT_ONCE,
  sva: AT_ONCE,
  xe: { nrQueues: 4, nrWorkers: 1, batch: 1 },
  amdkfd: { ...SERIAL, locksBlock: true },
  nouveau: { nrQueues: 1, nrWorkers: 1, batch: WHOLE_BUFFER },
  uvm: { nrQueues: 1, nrWorkers: 1, batch: WHOLE_BUFFER },
  odp: { nrQueues: 1, nrWorkers: MLX5_NUM_CMD_EQE, batch: 1, isUrgent: true },
};

/** How the faults of a device are served: as its driver says, or as is known of it. */
export function serviceModelOf({
  name,
  service,
}: Pick<DeviceStack, "name" | "service">): ServiceModel {
  const known = Object.hasOwn(SERVICE_MODELS, name) ? SERVICE_MODELS[name as StackName] : AT_ONCE;
  return service ?? known;
}
