// Streams by name: each is decided by the seed and its own name only, so that an actor that is
// added or draws more numbers never changes what another one draws.
import { checkWholeNumber } from "@faultline/core";
import { Hash128 } from "../record/hash128.ts";
import { RandomStream } from "./random-stream.ts";

/** The random streams of one simulation. */
export class RandomStreams {
  readonly seed: number;
  private readonly streams = new Map<string, RandomStream>();

  constructor(seed: number) {
    checkWholeNumber(seed, "seed", 0, Number.MAX_SAFE_INTEGER);
    this.seed = seed;
  }

  /** The stream of that name; asking again gives the same one, where it stands. */
  stream(name: string): RandomStream {
    const known = this.streams.get(name);
    if (known !== undefined) return known;
    const stream = new RandomStream(stateFor(this.seed, name));
    this.streams.set(name, stream);
    return stream;
  }
}

/** The hash of seed and name; the generator's state may be anything but zero. */
function stateFor(seed: number, name: string): Uint32Array {
  const hash = new Hash128();
  hash.addNumber(seed);
  for (let at = 0; at < name.length; at++) hash.addWord(name.charCodeAt(at));
  const state = hash.words();
  if (state.every((word) => word === 0)) state[0] = 1;
  return state;
}
