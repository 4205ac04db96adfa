import { expect, test } from "vitest";
import { counted, distance, duration, firstLine, moment, utc } from "./format";

const NOW = new Date("2026-11-23T14:30:00Z");
const later = (ms: number) => new Date(NOW.getTime() + ms);

test.each([
  [-5, "0 ms"],
  [12, "12 ms"],
  [3240, "3.2 s"],
  [59_999, "59 s"],
  [250_000, "4 min 10 s"],
  [7_500_000, "2 h 5 min"],
  [273_600_000, "3 d 4 h"],
  [3_600_000, "1 h"],
])("%d ms is %s", (ms, words) => {
  expect(duration(ms)).toBe(words);
});

test("how far away a time is", () => {
  expect(distance(later(-1000), NOW)).toBe("just now");
  expect(distance(later(-120_000), NOW)).toBe("2 min ago");
  expect(distance(later(7_200_000), NOW)).toBe("in 2 h");
});

test("a time says its day only where that is another, in the viewer's zone", () => {
  expect(moment(NOW, NOW, "America/New_York")).toBe("09:30");
  expect(moment(later(-86_400_000), NOW, "UTC")).toBe("Sun 14:30");
  expect(moment(later(-20 * 86_400_000), NOW, "UTC")).toBe("3 Nov 14:30");
  expect(moment(new Date("2025-03-01T08:00:00Z"), NOW, "UTC")).toBe("1 Mar 2025 08:00");
  expect(utc(NOW)).toBe("2026-11-23 14:30:00 UTC");
});

test("counts and first lines", () => {
  expect([counted(1, "run"), counted(12_345, "run")]).toEqual(["1 run", "12,345 runs"]);
  expect(firstLine("  one\ntwo")).toBe("one");
  expect(firstLine("abcdef", 4)).toBe("abc…");
  expect(firstLine(null)).toBe("");
});
