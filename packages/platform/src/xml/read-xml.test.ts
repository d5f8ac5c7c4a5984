import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { childrenOf, elementAt, readXml } from "./read-xml.ts";

describe("reading XML", () => {
  test("gives elements with attributes, text and where they stand", () => {
    const text =
      '<?xml version="1.0"?>\n<!DOCTYPE a SYSTEM "a.dtd">\n<a x="1&amp;2"><b>t<c/>u</b></a>';
    const { root, source, diagnostics } = readXml(text, "a.xml");
    expect(diagnostics).toEqual([]);
    expect(root?.attributes.get("x")).toBe("1&2");
    const b = root && elementAt(root, "b");
    expect([b?.name, b?.text, b && source.place(b.start).line]).toEqual(["b", "tu", 3]);
    expect(b && text.slice(b.start, b.end)).toBe("<b");
    expect(root && childrenOf(root, "b")).toHaveLength(1);
    expect(root && elementAt(root, "b", "d")).toBeNull();
  });

  test.each([
    ["<a>\n<b></a>", /unexpected close tag|unclosed/],
    ["<a x=1/>", /unquoted/],
    ["<a>&nope;</a>", /undefined entity/],
    ["", /document must contain a root element/],
    ["just text", /text data outside of root node/],
    ["<a><b>", /unclosed tag/],
  ])("%j is no XML, and says where", (text, message) => {
    const { root, diagnostics } = readXml(text, "a.xml");
    expect(root).toBeNull();
    expect(diagnostics[0]?.message).toMatch(message);
    expect(diagnostics[0]).toMatchObject({ code: "E_XML_SYNTAX", file: "a.xml" });
  });

  test("no text makes it fail otherwise", () => {
    const piece = fc.constantFrom(
      "<a>",
      "</a>",
      '<b x="',
      '"',
      "/>",
      "&",
      "<!--",
      "]]>",
      "<?",
      "\r\n",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((all) => all.join("")),
        ),
        (text) => {
          const { root, diagnostics } = readXml(text, "a.xml");
          expect(root === null).toBe(diagnostics.length > 0);
        },
      ),
    );
  });
});
