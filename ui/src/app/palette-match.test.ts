import { expect, test } from "vitest";
import { type Command, matching } from "./palette-match";

const command = (title: string): Command => ({ id: title, title, group: "Do", run: () => {} });
const ALL = ["Home", "Open load", "Run load now", "Run turf now", "Pause load"].map(command);

test("every word counts, in any order, whatever its case", () => {
  expect(matching(ALL, "LOAD run").map((found) => found.title)).toEqual(["Run load now"]);
  expect(matching(ALL, "nothing")).toEqual([]);
  expect(matching(ALL, "  ")).toHaveLength(ALL.length);
});

test("what begins with the word comes first", () => {
  expect(matching([command("Prerun"), command("Run turf")], "run").map((found) => found.title)).toEqual([
    "Run turf",
    "Prerun",
  ]);
});
