// The part of a machine document about private links: NVLink, XGMI, Xe Link, C2C.
import { FABRIC_KINDS } from "@faultline/core";
import { z } from "zod";
import { bandwidthField, latencyField, nameField, sourceField } from "./fields.ts";

const endField = nameField.meta({
  description: "A device, a switch of the fabric, or a socket: socket0, socket1, …",
});

const linksSchema = z
  .strictObject({
    kind: z.enum(FABRIC_KINDS).meta({ description: "What the wires are." }),
    between: z
      .array(z.tuple([endField, endField]))
      .min(1)
      .meta({
        description: "One pair of ends for each link. A link's name is its ends: gpu0-gpu1.",
      }),
    width: z.int().min(1).max(1024).meta({
      description: "Bundled links or lanes, as the vendor's tools count them.",
    }),
    bandwidth: bandwidthField.meta({
      description: "Of the whole bundle, in each direction, decimal units: 50GB/s.",
    }),
    latency: latencyField,
    source: sourceField,
  })
  .meta({ description: "Links that are alike." });

/** Switches and links. */
export const fabricSchema = z
  .strictObject({
    switches: z
      .array(z.strictObject({ name: nameField }))
      .default([])
      .meta({ description: "Switches, which forward between all their links." }),
    links: z.array(linksSchema).default([]).meta({
      description: "Links between two ends. Devices forward nothing, so nothing is transitive.",
    }),
  })
  .meta({ description: "Private links beside PCI. Default: none." });
