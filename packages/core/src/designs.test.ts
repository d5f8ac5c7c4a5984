import { expect, test } from "vitest";
import { DESIGN_NAMES, DESIGN_PRESETS, DESIGN_SWITCHES, withDesigns } from "./designs.ts";

test("every switch says what each of its values means, once each", () => {
  for (const name of DESIGN_NAMES) {
    const { values, meanings, about, raisedBy } = DESIGN_SWITCHES[name];
    expect(new Set(values).size, name).toBe(values.length);
    expect(new Set(meanings).size, name).toBe(values.length);
    expect([about, raisedBy].every((text) => text.length > 10)).toBe(true);
  }
});

test("the default is the first value; a later change wins", () => {
  const designs = withDesigns(DESIGN_PRESETS["p2p-op"] ?? {}, { "hmm.p2pOp": "targetAware" });
  expect(designs).toMatchObject({
    "hmm.p2pOp": "targetAware",
    "owner.formation": "perDevice",
    "hmm.p2pAllow": "off",
  });
});

test("presets use values that their switches have", () => {
  for (const preset of Object.values(DESIGN_PRESETS)) {
    for (const [name, value] of Object.entries(preset)) {
      const known: readonly string[] = DESIGN_SWITCHES[name as keyof typeof preset].values;
      expect(known, name).toContain(value);
    }
  }
});
