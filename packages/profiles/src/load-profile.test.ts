import { describe, expect, test } from "vitest";
import { loadProfile } from "./load-profile.ts";
import type { Profile } from "./profile.ts";
import { profileJsonSchema } from "./profile-schema.ts";

const HEAD = `version: 1
id: mine
title: A machine of mine
extends: host-cpu
`;

/** Each problem as `line:column CODE message | hint`. */
function problems(body: string, head = HEAD): string[] {
  const { profile, diagnostics } = loadProfile(head + body, "mine.yaml");
  expect(profile === null).toBe(diagnostics.length > 0);
  return diagnostics.map(({ line, column, code, message, hint }) => {
    const place = `${line}:${column} ${code} ${message}`;
    return hint === undefined ? place : `${place} | ${hint}`;
  });
}

function good(body: string, head = HEAD): Profile {
  const { profile, diagnostics } = loadProfile(head + body, "mine.yaml");
  expect(diagnostics.map(({ message }) => message)).toEqual([]);
  if (profile === null) throw new Error("no profile");
  return profile;
}

const cost = (text: string): string => `costs:\n  deliver:\n    per_fault: ${text}\n`;

describe("a number of a profile", () => {
  const field = (text: string) => good(cost(text)).fields.get("costs.deliver.per_fault");

  test("that is a figure takes value, unit and citation from the table", () => {
    expect(field("{ figure: xe.2m.thp.bind }")).toMatchObject({
      value: 2,
      unit: "us",
      kind: "published",
      confidence: "quoted",
      range: null,
      figures: ["xe.2m.thp.bind"],
      citation: expect.stringContaining("Dugast") as string,
      statedIn: "mine",
    });
  });

  test("that is a part of a figure is fitted, and says how", () => {
    expect(field("{ figure: xe.2m.nothp.bind, divide: 512 }")).toMatchObject({
      value: 10 / 512,
      kind: "fitted",
      why: "xe.2m.nothp.bind divided by 512",
    });
  });

  test("that was computed by whoever made the table is fitted too", () => {
    expect(field("{ figure: thor.fault_us }")).toMatchObject({ value: 17.66, kind: "fitted" });
    expect(field("{ figure: thor.pmdsplit/per_split }")).toMatchObject({ kind: "fitted" });
  });

  test("can be another number of a figure", () => {
    expect(field("{ figure: nv.blackwell.fault/copy }")).toMatchObject({ value: 1.35 });
  });

  test("that was measured needs no figure", () => {
    const text = "{ kind: measured, value: 3, unit: us, source: our bench }";
    expect(field(text)).toMatchObject({ value: 3, kind: "measured", citation: "our bench" });
  });

  test("that is assumed is the middle of its range unless it says otherwise", () => {
    const range = "kind: assumed, low: 2, high: 8, unit: us, reason: a guess";
    expect(field(`{ ${range} }`)).toMatchObject({
      value: 4,
      confidence: "estimate",
      citation: "",
      range: { low: 2, high: 8, draw: "log-uniform" },
    });
    expect(field(`{ ${range}, draw: uniform }`)).toMatchObject({ value: 5 });
    expect(field(`{ ${range}, value: 7 }`)).toMatchObject({ value: 7 });
  });

  test("can be what is left of a total", () => {
    const body = `costs:
  deliver:
    per_fault:
      kind: fitted
      balance: { total: amd.300a.lat.minor, operation: { faults: 2, pages: 3 } }
  map:
    per_page: { kind: measured, value: 2, unit: us, source: our bench }
`;
    expect(good(body).fields.get("costs.deliver.per_fault")).toMatchObject({
      value: 5,
      unit: "us",
      kind: "fitted",
      confidence: "inferred",
    });
  });
});

describe("a number that nobody could use", () => {
  const given = "kind: measured, source: a test, confidence: inferred";

  test.each([
    [
      `costs: { map: { per_page: { value: 1e300, unit: s, ${given} } } }`,
      /more than can be counted/,
    ],
    [`costs: { map: { per_page: { value: -1, unit: s, ${given} } } }`, /must be >= 0/],
    [
      `costs: { copy: { to_peer: { bandwidth: { value: 1e-9, unit: B/s, ${given} } } } }`,
      /must be > 0/,
    ],
    [
      `device: { outstanding_faults: { value: 0, unit: count, ${given} } }`,
      /out of range: 0 .*65536/,
    ],
    [`device: { outstanding_faults: { value: many, unit: count, ${given} } }`, /expected a number/],
  ])("is refused where it stands: %s", (body, expected) => {
    const found = problems(`${body}\n`);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });

  test("is one that its driver does not take", () => {
    const policy = (value: number): string =>
      `policy: { svm_default_granularity: { value: ${value}, unit: count, ${given} } }\n`;
    const head = HEAD.replace("host-cpu", "amd-mi250x-xnack-svm");
    expect(problems(policy(28), head)).toEqual([
      expect.stringMatching(/E_VALUE_RANGE out of range: 28 \| a number from 0 to 27$/),
    ]);
    good(policy(27), head);
  });

  test("is an end of a range, too, because it may be drawn", () => {
    const range = "low: 0.01, high: 1e12, unit: s, kind: assumed, reason: a test";
    expect(problems(`costs: { map: { per_page: { ${range} } } }\n`)).toEqual([
      expect.stringMatching(/1000000000000 s is more than can be counted/),
    ]);
  });
});

describe("a profile that extends another", () => {
  test("inherits its numbers and says whose they are", () => {
    const profile = good("", HEAD.replace("host-cpu", "intel-xe-svm-thp"));
    expect(profile).toMatchObject({ vendor: "intel", stack: "xe", id: "mine" });
    expect(profile.fields.get("costs.map.per_folio")?.statedIn).toBe("intel-xe-svm-thp");
    expect(profile.fields.get("effort.pte_set.per_unit")?.statedIn).toBe("host-cpu");
  });

  test("replaces a number as a whole, and a copy path as a whole", () => {
    const body = `costs:
  copy:
    to_device:
      bandwidth: { kind: measured, value: 30, unit: GB/s, source: our bench }
`;
    const profile = good(body, HEAD.replace("host-cpu", "nv-v100-pcie3-uvm"));
    const paths = [...profile.fields.keys()].filter((path) => path.startsWith("costs.copy.to_dev"));
    expect(paths).toEqual(["costs.copy.to_device.bandwidth"]);
  });

  test("can leave out what does not apply", () => {
    const body = "without: [costs.map.per_folio, device.cxl_latency]\n";
    const { fields } = good(body, HEAD.replace("host-cpu", "intel-xe-svm-thp"));
    expect([fields.has("costs.map.per_folio"), fields.has("device.cxl_latency")]).toEqual([
      false,
      false,
    ]);
  });

  test("can leave out a section as a whole", () => {
    const body = "without: [device]\n";
    const { fields } = good(body, HEAD.replace("host-cpu", "intel-xe-svm-thp"));
    expect([...fields.keys()].filter((path) => path.startsWith("device."))).toEqual([]);
  });

  test("does not inherit what was observed on the other machine", () => {
    const profile = good("", HEAD.replace("host-cpu", "intel-xe-svm-thp"));
    expect([...profile.fields.keys()].filter((path) => path.startsWith("observed."))).toEqual([]);
  });

  test("keeps what it inherits as a rest, which was that of the other machine", () => {
    const body =
      "effort:\n  pte_walk:\n    per_unit: { kind: measured, value: 10, unit: ns, source: us }\n";
    const before = good("").fields.get("effort.pte_set.per_unit");
    expect(good(body).fields.get("effort.pte_set.per_unit")).toEqual(before);
  });
});

describe("a bad profile", () => {
  test("without an origin for a number is told what to give", () => {
    expect(problems(cost("{ value: 3, unit: us }"))).toEqual([
      "7:5 E_PROFILE_FIELD a number without an origin | " +
        "give `figure: ID`, or `kind:` with what it needs; docs/profiles.md explains",
    ]);
  });

  test("that leaves out what it does not inherit is told so, at each place", () => {
    const found = problems("without: [effort.pte_walk.per_unot, version]\n");
    expect(found.map((one) => one.replace(/ \|.*/, ""))).toEqual([
      expect.stringMatching(/ E_NAME_UNKNOWN nothing to leave out: effort\.pte_walk\.per_unot$/),
      expect.stringMatching(/ E_NAME_UNKNOWN nothing to leave out: version$/),
    ]);
    expect(found[0]).toContain("did you mean effort.pte_walk.per_unit?");
  });

  test("with a figure that does not exist gets the nearest", () => {
    const [found = ""] = problems(cost("{ figure: xe.2m.thp.bimd }"));
    expect(found).toMatch(/^7:\d+ E_NAME_UNKNOWN unknown figure: xe\.2m\.thp\.bimd/);
    expect(found).toContain("did you mean xe.2m.thp.bind?");
  });

  test("that states a figure's value again is told so", () => {
    expect(problems(cost("{ figure: xe.2m.thp.bind, value: 2 }"))).toEqual([
      "7:42 E_PROFILE_FIELD value does not belong here: the number is its figure's",
    ]);
  });

  test.each([
    ["measured", "value, unit, source"],
    ["published", "value, unit, source"],
    ["fitted", "value, unit, how"],
    ["assumed", "unit, low, high, reason"],
  ])("with a %s number is told what is missing", (kind, missing) => {
    const article = kind === "assumed" ? "an" : "a";
    expect(problems(cost(`{ kind: ${kind} }`))).toEqual([
      `7:5 E_PROFILE_FIELD missing for ${article} ${kind} number: ${missing}`,
    ]);
  });

  test("never passes an assumption off as a source's", () => {
    const text = "{ kind: assumed, low: 1, high: 2, unit: us, reason: a guess, source: a paper }";
    expect(problems(cost(text))[0]).toContain("source does not belong here: it is assumed");
  });

  test("with a unit that does not fit is told which do", () => {
    const text = "{ kind: measured, value: 3, unit: GB/s, source: us }";
    expect(problems(cost(text))).toEqual([
      "7:50 E_VALUE_TYPE expected a time, found GB/s | units are ps, ns, us, ms, s",
    ]);
  });

  test("with a range that is upside down, or that its value is outside of, is told so", () => {
    const upsideDown = "{ kind: assumed, low: 5, high: 2, unit: us, reason: x }";
    expect(problems(cost(upsideDown))[0]).toContain("E_VALUE_RANGE a range that ends before");
    const outside = "{ kind: assumed, low: 2, high: 5, value: 9, unit: us, reason: x }";
    expect(problems(cost(outside))[0]).toContain("E_VALUE_RANGE outside its own range 2..5: 9");
  });

  test("with a negative time or a rate of 0 is told so", () => {
    expect(problems(cost("{ kind: measured, value: -1, unit: us, source: us }"))[0]).toContain(
      "out of range: must be >= 0",
    );
  });

  test("with a stage, an effort kind and a key nobody knows is told each", () => {
    const body = "costs:\n  delivr: {}\neffort:\n  pte_sett: {}\ncolour: red\n";
    const found = problems(body);
    expect(found).toHaveLength(3);
    expect(found[0]).toContain("unknown key: delivr");
    expect(found[0]).toContain("did you mean deliver?");
    expect(found[1]).toContain("did you mean pte_set?");
    expect(found[2]).toContain("unknown key: colour");
  });

  test("with a parameter that its stack does not take gets those it takes", () => {
    const number = "{ kind: measured, value: 1, unit: count, source: x }";
    const body = `policy:\n  uvm_perf_fault_batch_cout: ${number}\n`;
    const [found = ""] = problems(body, HEAD.replace("host-cpu", "nv-v100-pcie3-uvm"));
    expect(found).toContain("E_NAME_UNKNOWN unknown parameter: uvm_perf_fault_batch_cout");
    expect(found).toContain("did you mean uvm_perf_fault_batch_count?");
  });

  test("that extends a profile nobody knows gets the nearest", () => {
    const [found = ""] = problems("", HEAD.replace("host-cpu", "host-cpuu"));
    expect(found).toMatch(/^4:10 E_NAME_UNKNOWN unknown profile: host-cpuu .*mean host-cpu\?$/);
  });

  test("cannot extend itself", () => {
    expect(problems("", HEAD.replace("id: mine", "id: host-cpu"))).toEqual([
      "4:10 E_NAME_DUPLICATE a profile cannot extend itself: host-cpu",
    ]);
  });

  test("that extends none has to say what it is", () => {
    const found = problems("", HEAD.replace("extends: host-cpu\n", ""));
    expect(found.map((line) => line.split(" | ")[0])).toEqual([
      "1:1 E_KEY_MISSING missing key: hardware",
      "1:1 E_KEY_MISSING missing key: stack",
      "1:1 E_KEY_MISSING missing key: vendor",
    ]);
  });

  test("with several problems is told all of them", () => {
    const body = `${cost("{ value: 3, unit: us }")}device:\n  local_latency: { figure: nope.x }\n`;
    expect(problems(body).map((line) => line.split(" ")[1])).toEqual([
      "E_PROFILE_FIELD",
      "E_NAME_UNKNOWN",
    ]);
  });
});

describe("a rest of a total", () => {
  const rest = (operation: string, other = ""): string =>
    `costs:
  deliver:
    per_fault:
      kind: fitted
      balance: { total: xe.2m.thp.bind, operation: ${operation} }
${other}`;

  test("of which nothing is left is reported with both numbers", () => {
    const other = "  map:\n    per_page: { kind: measured, value: 1, unit: us, source: x }\n";
    expect(problems(rest("{ faults: 1, pages: 3 }", other))).toEqual([
      "7:5 E_PROFILE_BALANCE costs.deliver.per_fault: " +
        "nothing is left: 3 us of 2 us (xe.2m.thp.bind)",
    ]);
  });

  test("of which nothing is left at the ends of other ranges is reported", () => {
    const range = "{ kind: assumed, low: 0.5, high: 3, unit: us, reason: x }";
    const [found = ""] = problems(
      rest("{ faults: 1, pages: 1 }", `  map:\n    per_page: ${range}\n`),
    );
    expect(found).toContain("when others are at the ends of their ranges");
  });

  test("that its operation does not contain is reported", () => {
    expect(problems(rest("{ pages: 1 }"))[0]).toContain("has no part in the operation");
  });

  test("that needs another rest, which needs it, is reported", () => {
    const map = `  map:
    per_fault:
      kind: fitted
      balance: { total: xe.2m.thp.bind, operation: { faults: 1 } }
`;
    const found = problems(rest("{ faults: 1 }", map));
    expect(found).toHaveLength(2);
    expect(found[0]).toContain("is what is left of a total that needs it in turn");
  });

  test("can only be a price", () => {
    const balance =
      "{ kind: fitted, balance: { total: xe.2m.thp.bind, operation: { faults: 1 } } }";
    expect(problems(`device:\n  local_latency: ${balance}\n`)[0]).toContain(
      "E_PROFILE_BALANCE only a cost or a price of effort",
    );
  });
});

test("the JSON Schema names the stages and describes the fields", () => {
  const text = JSON.stringify(profileJsonSchema());
  expect(text).toContain('"range_fault"');
  expect(text).toContain("Time per one: a folio");
});
