import { describe, expect, it } from "vitest";
import { initialState, MOST_BYTES, whyBlocked, withEdit, withText } from "./store";
import { bytesOf, differing, keyOf, same, withValue } from "./values";

describe("withValue", () => {
  it("changes one place and leaves the rest as it is", () => {
    const before = { a: { b: [1, 2] }, c: 3 };
    expect(withValue(before, ["a", "b", 1], 5)).toEqual({ a: { b: [1, 5] }, c: 3 });
    expect(before.a.b).toEqual([1, 2]);
    expect(Object.keys(withValue({ a: 1, b: 2 }, ["a"], 9) as object)).toEqual(["a", "b"]);
  });
  it("leaves out what is undefined", () => {
    expect(withValue({ a: 1, b: 2 }, ["a"], undefined)).toEqual({ b: 2 });
    expect(withValue({ a: [1, 2, 3] }, ["a", 1], undefined)).toEqual({ a: [1, 3] });
  });
});

describe("one store for both views", () => {
  const begin = initialState({ count: 3, states: ["PA"] });

  it("takes over what is typed as JSON, and keeps what is not JSON yet", () => {
    expect(withText(begin, '{"count": 4}').value).toEqual({ count: 4 });
    const half = withText(begin, '{"count": 4');
    expect(half).toMatchObject({ text: '{"count": 4', value: begin.value });
    expect(withText(half, '{"count": 4}')).toMatchObject({ text: undefined, value: { count: 4 } });
    expect(withText(begin, "[1]").text).toBe("[1]");
  });

  it("cannot be sent, nor lose anything, while something is not JSON", () => {
    expect(whyBlocked(withText(begin, "{"), 2)).toMatch(/not a complete/);
    expect(whyBlocked({ ...begin, broken: { [keyOf(["x"])]: "{" } }, 2)).toMatch(/not JSON/);
    expect(whyBlocked(begin, 2)).toBeUndefined();
  });

  it("forgets what was chosen below a place that is gone", () => {
    const state = { ...begin, chosen: { [keyOf(["states", 0])]: 1, [keyOf(["count"])]: 1 } };
    expect(withEdit(state, ["states"], []).chosen).toEqual({ [keyOf(["count"])]: 1 });
    expect(withEdit(state, ["states", 0], "OH").chosen).toEqual(state.chosen);
  });

  it("says how much is too much", () => {
    const value = { data: "é".repeat(MOST_BYTES / 2) };
    expect(bytesOf(value)).toBe(MOST_BYTES + 11);
    expect(whyBlocked(initialState(value), bytesOf(value))).toMatch(/257 KB; a run takes at most 256 KB/);
  });
});

it("compares documents whatever the order of their keys", () => {
  expect(same({ a: 1, b: [{ c: 1, d: 2 }] }, { b: [{ d: 2, c: 1 }], a: 1 })).toBe(true);
  expect(same([1, 2], [2, 1])).toBe(false);
  expect(differing({ a: 1, b: [2], c: null }, { a: 1, b: [3] })).toEqual({ b: [2], c: null });
});
