// Makes one random case of a category from a seed.

import { CATEGORIES } from "./categories.mjs";
import { MAKERS } from "./makers.mjs";
import { makeRaceCase } from "./race-case.mjs";
import { Random } from "./random.mjs";
import { Sequence } from "./sequence.mjs";

/** Its cases have a fixed form, and crash the driver as released. */
export const RACE = "race";

/** Every category a case can be made of. */
export const CATEGORY_NAMES = [...Object.keys(CATEGORIES), RACE];

/** A number for a name, so that categories with the same seed differ. */
function hash(text) {
  let word = 0x811c9dc5;
  for (const character of text) word = Math.imul(word ^ character.codePointAt(0), 0x01000193);
  return word >>> 0;
}

function prologue(sequence) {
  const { random, spec, windowPages } = sequence;
  const devices = sequence.deviceNumbers();
  const first = spec.boots.includes("coh") && random.chance(70) ? devices[1] : devices[0];
  sequence.open(0, first);
  if (random.chance(50))
    sequence.open(
      0,
      devices.find((device) => device !== first),
    );
  const len = random.chance(60) ? windowPages : random.between(windowPages >> 1, windowPages);
  sequence.emit("mmap", 0, 0, len, random.chance(90) ? "rw" : "r", "p");
  sequence.setMapped(0, 0, len, "p");
  if (spec.thp && random.chance(70)) sequence.emit("madvise", 0, 0, windowPages, "hugepage");
  if (spec.weights.mergeable && random.chance(60)) {
    sequence.mergeable = true;
    sequence.emit("madvise", 0, 0, len, "mergeable");
  }
  sequence.emit("wr", 0, ...sequence.range(0));
}

const THEMES_PER_CASE = 3;
const THEME_FACTOR = 4;

/** The weights of one case: those of its category, with the themes it is about made heavier. */
function weightsOf({ weights, themes = [] }, random) {
  const result = { ...weights };
  for (let taken = 0; taken < Math.min(THEMES_PER_CASE, themes.length); taken++) {
    for (const [name, weight] of Object.entries(random.pick(themes))) {
      result[name] = (weights[name] ?? 0) + weight * THEME_FACTOR;
    }
  }
  return result;
}

/** A case as the case file has it. */
export function makeCase(category, seed, { patched }) {
  const id = `${category}_${String(seed).padStart(5, "0")}`;
  const base = { id, cat: category, seed };
  if (category === RACE) return makeRaceCase(seed, base);
  const random = new Random(hash(category) ^ Math.imul(seed + 1, 0x9e3779b1));
  const spec = CATEGORIES[category];
  const sequence = new Sequence({ random, spec, patched });
  prologue(sequence);
  const nrOps = random.between(...spec.ops);
  const weights = weightsOf(spec, random);
  while (sequence.ops.length < nrOps) MAKERS[random.weighted(weights)](sequence);
  return {
    ...base,
    boot: sequence.boot,
    W: sequence.windowPages,
    numa: spec.numa,
    thp: spec.thp,
    ...(spec.options > 0 ? { x: spec.options } : {}),
    ops: sequence.ops,
  };
}
