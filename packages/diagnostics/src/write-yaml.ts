// Writing a document as YAML, for people who change it and give it back.
import { stringify } from "yaml";

/** A document as YAML text; long texts are folded. */
export function writeYaml(value: unknown): string {
  return stringify(value, { lineWidth: 96, aliasDuplicateObjects: false });
}
