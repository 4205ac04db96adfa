import { describe, expect, it } from "vitest";
import { blocks, inline, safeAddress } from "./markdown";

describe("blocks", () => {
  it("reads what people write", () => {
    const kinds = blocks(
      "# Loaded\n\n39 of **40**\nbatches\n\n- one\n- two\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```\n<b>\n```\n> said\n---",
    );
    expect(kinds.map((block) => block.kind)).toEqual([
      "heading",
      "paragraph",
      "list",
      "table",
      "code",
      "quote",
      "rule",
    ]);
    expect(kinds[1]).toEqual({
      kind: "paragraph",
      text: [
        { kind: "text", text: "39 of " },
        { kind: "strong", text: "40" },
        { kind: "text", text: " batches" },
      ],
    });
  });

  it("takes tags for text, and ends whatever it is given", () => {
    expect(blocks("<script>x</script>")).toEqual([
      { kind: "paragraph", text: [{ kind: "text", text: "<script>x</script>" }] },
    ]);
    for (const odd of [
      "```",
      "|",
      "|\n|-|",
      ">",
      "#",
      "- ",
      "\n\n",
      "*".repeat(3000),
      "[".repeat(3000),
      "a_".repeat(5000),
    ]) {
      expect(() => blocks(odd)).not.toThrow();
    }
  });
});

describe("links", () => {
  it("go to the web alone", () => {
    expect(inline("[x](javascript:alert(1))")[0]).toMatchObject({ kind: "text", text: "x" });
    expect(inline("[x](https://example.org/a)")).toEqual([{ kind: "link", text: "x", href: "https://example.org/a" }]);
    expect(safeAddress("JaVaScRiPt:alert(1)")).toBeUndefined();
    expect(safeAddress("data:text/html,x")).toBeUndefined();
    expect(safeAddress("//evil")).toBeUndefined();
  });
});
