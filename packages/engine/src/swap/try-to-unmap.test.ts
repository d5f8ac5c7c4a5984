import { expect, it } from "vitest";
import { BASE, SmallWorld } from "../test-kit/small-world.ts";
import { runToCompletion } from "../verb.ts";
import { sysMadvise } from "../vma/sys-madvise.ts";
import { sysMremap } from "../vma/sys-mremap.ts";

it("leaves alone what lies where the folio was before it moved", () => {
  const small = new SmallWorld({ nrSwapPages: 64, settings: { thpEnabled: "always" } });
  const { world, task } = small;
  small.map(512 + 8);
  small.write(519, 1);
  const moved = sysMremap(world, task, BASE, 1, 1, BASE + 512, { dontunmap: true });
  expect(runToCompletion(moved)).toBe(BASE + 512);
  small.write(512, 2);
  small.read(0);
  expect(small.leaf(0)).toBe("HZ");
  small.watch();
  expect(runToCompletion(sysMadvise(world, task, BASE + 512, 1, "MADV_PAGEOUT"))).toBe(0);
  expect(small.leaf(512)).toBe("S(ax)");
  expect(small.leaf(0)).toBe("HZ");
});
