// The recorded machines that come with this package, described in recordings/README.md.
import { fileURLToPath } from "node:url";

function path(kind: string): string {
  return fileURLToPath(new URL(`../../recordings/p2p-${kind}.jsonl.br`, import.meta.url));
}

/** The machine file and the answer file. */
export const P2P_RECORDING: { readonly machinesPath: string; readonly answersPath: string } = {
  machinesPath: path("machines"),
  answersPath: path("answers"),
};
