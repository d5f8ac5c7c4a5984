// Every number of a profile document with its path: the one place that knows where numbers stand.
import { DEVICE_CONSTANTS, type NumberDefinition } from "./device-constants.ts";
import type { CitedDocument } from "./field-schema.ts";
import type { PricedOperation } from "./operation-schema.ts";
import { policiesOf } from "./policy-names.ts";
import type { ProfileDocument } from "./profile-schema.ts";
import type { Dimension } from "./units.ts";
import {
  COPY_PATHS,
  EFFORT_BASIS_NAMES,
  type ProfileStack,
  STAGE_BASIS_NAMES,
  STAGES,
} from "./vocabulary.ts";

/** A number of a profile document. */
export interface Leaf {
  readonly path: readonly (string | number)[];
  readonly cited: CitedDocument & { readonly operation?: PricedOperation | undefined };
  /** What the number has to measure; null where anything does. */
  readonly dimension: Dimension | null;
  /** The least and the most that it can be; null for what the dimension allows. */
  readonly limits: NonNullable<NumberDefinition["limits"]> | null;
}

type Leaves = readonly Leaf[];

/** The numbers of a document, in its order of sections. */
export function leavesOf(document: ProfileDocument, stack: ProfileStack): Leaves {
  const { costs, effort, device, policy, observed } = document;
  const policies = policiesOf(stack);
  return [
    ...STAGES.flatMap((stage) =>
      STAGE_BASIS_NAMES.flatMap((basis) =>
        leaf(["costs", stage, basis], costs[stage]?.[basis], "time"),
      ),
    ),
    ...copyLeaves(document),
    ...Object.entries(effort).flatMap(([kind, prices]) => [
      ...EFFORT_BASIS_NAMES.flatMap((basis) =>
        leaf(["effort", kind, basis], prices?.[basis], "time"),
      ),
      ...leaf(["effort", kind, "bandwidth"], prices?.bandwidth, "rate"),
    ]),
    ...Object.entries(device).flatMap(([name, cited]) =>
      defined(["device", name], cited, DEVICE_CONSTANTS[name]),
    ),
    ...Object.entries(policy).flatMap(([name, cited]) =>
      defined(["policy", name], cited, policies[name]),
    ),
    ...Object.entries(observed).flatMap(([name, cited]) => leaf(["observed", name], cited, null)),
  ];
}

function copyLeaves({ costs: { copy } }: ProfileDocument): Leaves {
  return COPY_PATHS.flatMap((way) => {
    const at = ["costs", "copy", way];
    const prices = copy?.[way];
    return [
      ...leaf([...at, "latency"], prices?.latency, "time"),
      ...leaf([...at, "bandwidth"], prices?.bandwidth, "rate"),
      ...(prices?.points ?? []).flatMap(({ time }, i) =>
        leaf([...at, "points", i, "time"], time, "time"),
      ),
    ];
  });
}

function leaf(
  path: readonly (string | number)[],
  cited: Leaf["cited"] | undefined,
  dimension: Dimension | null,
): Leaves {
  return cited === undefined ? [] : [{ path, cited, dimension, limits: null }];
}

function defined(
  path: readonly (string | number)[],
  cited: Leaf["cited"] | undefined,
  definition: NumberDefinition | undefined,
): Leaves {
  if (cited === undefined) return [];
  const { dimension = null, limits = null } = definition ?? {};
  return [{ path, cited, dimension, limits }];
}
