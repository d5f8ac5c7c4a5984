// A profile document with what it inherits. Numbers replace numbers as a whole, so that an
// overridden number never keeps half of an inherited origin. What was observed on a machine is not
// inherited: the machine that inherits is another one.
import { produce } from "immer";
import type { ProfileDocument } from "./profile-schema.ts";
import { removeAt, setAt, valueAt } from "./tree.ts";
import { COPY_PATHS, STAGES } from "./vocabulary.ts";

/** A document of which each path is stated by one profile. */
export interface Inherited {
  readonly document: ProfileDocument;
  /** Ids of the profiles that state the numbers, by the start of their paths. */
  readonly statedIn: ReadonlyMap<string, string>;
}

/** The numbers of `document` over those of `base`. */
export function inherit(base: Inherited | null, document: ProfileDocument): Inherited {
  const own = new Map(statedPaths(document).map((path) => [path, document.id]));
  if (base === null) return { document, statedIn: own };
  const merged = produce(base.document, (draft) => {
    draft.observed = {};
    for (const path of document.without) {
      const keys = path.split(".");
      if (keys.length === 1) setAt(draft, keys, {});
      else removeAt(draft, keys);
    }
    for (const path of statedPaths(document)) {
      const keys = path.split(".");
      setAt(draft, keys, valueAt(document, keys));
    }
    const { version, id, title, without, open, vendor, hardware, mode, stack } = document;
    Object.assign(draft, { version, id, title, without, open });
    Object.assign(draft, defined({ vendor, hardware, mode, stack, extends: document.extends }));
    draft.mostly_gap = document.mostly_gap;
    Object.assign(draft.effects, document.effects);
  });
  return { document: merged, statedIn: new Map([...base.statedIn, ...own]) };
}

/** Paths of what is replaced as a whole: numbers, copy paths, and lists of covered effort. */
function statedPaths({ costs, effort, device, policy, observed }: ProfileDocument): string[] {
  const stages = STAGES.flatMap((stage) =>
    Object.keys(defined(costs[stage] ?? {})).map((key) => `costs.${stage}.${key}`),
  );
  const prices = Object.entries(effort).flatMap(([kind, values]) =>
    Object.keys(defined(values ?? {})).map((basis) => `effort.${kind}.${basis}`),
  );
  const flat = Object.entries({ device, policy, observed }).flatMap(([section, values]) =>
    Object.keys(values).map((name) => `${section}.${name}`),
  );
  return [...stages, ...prices, ...flat];
}

/** The profile that states the number at a path. */
export function statedIn({ statedIn: paths, document }: Inherited, path: string): string {
  const keys = path.split(".");
  const isCopy = (COPY_PATHS as readonly string[]).includes(keys[2] ?? "");
  const whole = keys.slice(0, keys[0] === "costs" || isCopy || keys[0] === "effort" ? 3 : 2);
  return paths.get(whole.join(".")) ?? document.id;
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, inner]) => inner !== undefined),
  ) as Partial<T>;
}
