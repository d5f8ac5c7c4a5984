// The order in which QEMU meets the children of an object: they are kept in a GLib hash table by
// name, and whoever walks them gets the table's slots from the first to the last. Generic
// initiators come into SRAT in this order, not in that of the command line.

const MIN_SHIFT = 3;
/** The largest primes below the powers of two from 2^3 on. */
const primes = [7, 13, 31, 61, 127, 251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521];

interface Entry {
  readonly name: string;
  readonly hash: number;
}

/**
 * Names in the order of a walk.
 * @param names in the order of their creation; each once.
 */
export function objectOrder(names: readonly string[]): string[] {
  let slots: (Entry | null)[] = emptySlots(MIN_SHIFT);
  names.forEach((name, at) => {
    place(slots, { name, hash: hashOf(name) });
    const count = at + 1;
    const isSparse = slots.length > 4 * count && slots.length > 2 ** MIN_SHIFT;
    const isFull = slots.length <= count + Math.floor(count / 16);
    if (isSparse || isFull) slots = resized(slots, count);
  });
  return slots.flatMap((entry) => (entry === null ? [] : [entry.name]));
}

function emptySlots(shift: number): null[] {
  return Array.from({ length: 2 ** shift }, () => null);
}

/** The hash of a name, which QEMU wants in ASCII: h = 33 h + byte. */
function hashOf(name: string): number {
  let hash = 5381;
  for (let at = 0; at < name.length; at++) {
    hash = (Math.imul(hash, 33) + name.charCodeAt(at)) >>> 0;
  }
  return hash < 2 ? 2 : hash;
}

/** Where the search for a slot starts in a table of `size` slots. */
function startSlot(hash: number, size: number): number {
  const prime = primes[31 - Math.clz32(size) - MIN_SHIFT] ?? 65521;
  return (Math.imul(hash, 11) >>> 0) % prime;
}

/** The first free slot on the way that steps by one more each time. */
function freeSlot(hash: number, size: number, isFree: (slot: number) => boolean): number {
  let slot = startSlot(hash, size);
  for (let step = 1; !isFree(slot); step++) slot = (slot + step) & (size - 1);
  return slot;
}

function place(slots: (Entry | null)[], entry: Entry): void {
  slots[freeSlot(entry.hash, slots.length, (slot) => slots[slot] === null)] = entry;
}

/** The table at the size for `count` entries. Entries move one by one, and push others out. */
function resized(old: readonly (Entry | null)[], count: number): (Entry | null)[] {
  const wanted = Math.floor((count * 1333) / 1000);
  const shift = Math.max(MIN_SHIFT, 32 - Math.clz32(wanted));
  const size = 2 ** shift;
  const slots: (Entry | null)[] = [...old, ...emptySlots(shift)].slice(
    0,
    Math.max(size, old.length),
  );
  const isSettled = new Set<number>();
  for (let at = 0; at < old.length; at++) {
    let moving = isSettled.has(at) ? null : (slots[at] ?? null);
    if (moving === null) continue;
    slots[at] = null;
    while (moving !== null) {
      const slot = freeSlot(moving.hash, size, (candidate) => !isSettled.has(candidate));
      isSettled.add(slot);
      const pushedOut: Entry | null = slots[slot] ?? null;
      slots[slot] = moving;
      moving = pushedOut;
    }
  }
  return slots.slice(0, size);
}
