// Fields that steps share.
import { EFFORT_KIND_NAMES, VM_EVENT_NAMES } from "@faultline/core";
import { z } from "zod";
import { nameField, pagesField, placeField, timeField } from "./fields.ts";

const nonnegative = z.int().nonnegative();

const effortSchema = z
  .strictObject(
    Object.fromEntries(
      EFFORT_KIND_NAMES.map((name) => {
        const description = `Units of \`${name}\` in all.`;
        return [name, nonnegative.optional().meta({ description })];
      }),
    ),
  )
  .meta({ description: "What the kernel spends on the step, by kind: docs/effort.md." });

const vmstatSchema = z
  .strictObject(
    Object.fromEntries(
      VM_EVENT_NAMES.map((name) => {
        const description = `How much \`${name}\` of /proc/vmstat grows.`;
        return [name, nonnegative.optional().meta({ description })];
      }),
    ),
  )
  .meta({ description: "What the kernel counts on the step: docs/vmstat.md." });

/**
 * The zod schema of what a step must lead to; its type follows zod.
 * @beta
 */
export const stepExpectSchema = z
  .strictObject({
    result: z.string().optional().meta({
      description:
        "`ok`, an errno such as EFAULT, a signal (SIGSEGV, SIGBUS), or OOM when no memory is left.",
    }),
    pages: z.int().nonnegative().optional().meta({
      description: "Pages the device command reports (`cpages`), or pages not moved by move_pages.",
    }),
    faults: z.int().nonnegative().optional().meta({
      description: "Fault passes the device command needed.",
    }),
    took_at_least: timeField.optional().meta({
      description: "Under a clock: the step takes no less time.",
    }),
    took_at_most: timeField.optional().meta({
      description: "Under a clock: the step takes no more time.",
    }),
    effort: effortSchema.optional(),
    vmstat: vmstatSchema.optional(),
  })
  .meta({ description: "What the step must lead to; anything else fails the scenario." });

/** What every step may say. */
export const common = {
  process: nameField.optional().meta({ description: "Who does it. Default: the first process." }),
  expect: stepExpectSchema.optional(),
  background: z
    .boolean()
    .optional()
    .meta({
      description:
        "Under a clock: the steps after it begin with it, and `wait` waits for its end. Without" +
        " a clock steps follow each other.",
    }),
  delay: timeField.optional().meta({
    description: "Under a clock: how long after its turn the step begins.",
  }),
  every: timeField.optional().meta({
    description:
      "Under a clock: the step happens again and again in the background, once in so much time," +
      " until everything else has ended. Without a clock it happens `times` times.",
  }),
  first: timeField.optional().meta({
    description:
      "Under a clock, with `every`: when it happens first. Default: after that much time.",
  }),
  times: z
    .int()
    .positive()
    .max(2 ** 32)
    .optional()
    .meta({ description: "With `every`: how often. Default: until everything else has ended." }),
};

/** The pages that a step is about. */
export const range = { at: placeField, pages: pagesField.optional() };
/** A device, and pages that it is about. */
export const device = {
  device: nameField.meta({ description: "A device of the machine." }),
  ...range,
};

/** How many faults a device has at once. */
export const outstanding = z
  .int()
  .positive()
  .max(256)
  .optional()
  .meta({
    description:
      "Under a clock: faults that the device can have outstanding. Default: what the profile" +
      " knows of the device, else 1.",
  });

/** What a step writes. */
export const value = z
  .int()
  .nonnegative()
  .max(0xffffffff)
  .optional()
  .meta({ description: "What to write; 0 makes the page all zero. Default: a value of its own." });
