import { expect, it } from "vitest";
import { asked, isNarrowed, readRunsSearch } from "./search";

it("keeps what it knows and drops the rest", () => {
  expect(
    readRunsSearch({ state: ["failed", "nonsense", "failed"], tag: "x", text: 7, since: "1y", after: "'" }),
  ).toEqual({
    text: "7",
    state: ["failed"],
    tag: ["x"],
  });
  expect(isNarrowed(readRunsSearch({}))).toBe(false);
  expect(isNarrowed(readRunsSearch({ not_tag: ["x"] }))).toBe(true);
  expect(isNarrowed(readRunsSearch({ after: "0".repeat(32) }))).toBe(false);
});

it("says since when to the minute", () => {
  const search = readRunsSearch({ since: "1h", not_state: ["completed"] });
  const at = Date.parse("2026-03-01T12:00:31Z");
  expect(asked(search, at)).toMatchObject({ since: "2026-03-01T11:00:00.000Z", not_state: ["completed"] });
  expect(asked(search, at)).toEqual(asked(search, at + 20_000));
});
