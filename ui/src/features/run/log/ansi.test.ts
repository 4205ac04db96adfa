import { describe, expect, it } from "vitest";
import { pieces, plain } from "./ansi";

describe("pieces", () => {
  it("keeps plain text whole", () => {
    expect(pieces("a <b> & c")).toEqual([{ text: "a <b> & c", look: "" }]);
    expect(pieces("")).toEqual([]);
  });

  it("takes colours and weight, also several at once, and their end", () => {
    expect(pieces("a\x1b[1;31mred\x1b[0m b")).toEqual([
      { text: "a", look: "" },
      { text: "red", look: "text-bad font-semibold" },
      { text: " b", look: "" },
    ]);
    expect(pieces("\x1b[38;5;196mx\x1b[mz")).toEqual([
      { text: "x", look: "" },
      { text: "z", look: "" },
    ]);
  });

  it("drops links, titles, moves of the cursor and what is cut off", () => {
    expect(plain("\x1b]8;;javascript:alert(1)\x07link\x1b]8;;\x07")).toBe("link");
    expect(plain("50 %\x1b[2K\rdone\x1b[")).toBe("50 %done");
    expect(plain("a\tb\x00c")).toBe("a\tbc");
  });
});
