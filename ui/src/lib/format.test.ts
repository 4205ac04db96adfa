import { afterEach, expect, test, vi } from "vitest";
import { count, counted, distance, duration, firstLine, longDay, longMonth, moment, utc } from "./format";

const NOW = new Date("2026-11-23T14:30:00Z");
const later = (ms: number) => new Date(NOW.getTime() + ms);

afterEach(() => vi.unstubAllEnvs());

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
  vi.stubEnv("TZ", "America/New_York");
  expect(moment(NOW, NOW)).toBe("09:30");
  vi.stubEnv("TZ", "UTC");
  expect(moment(later(-86_400_000), NOW)).toBe("Sun 14:30");
  expect(moment(later(-20 * 86_400_000), NOW)).toBe("3 Nov 14:30");
  expect(moment(new Date("2025-03-01T08:00:00Z"), NOW)).toBe("1 Mar 2025 08:00");
  expect(utc(NOW)).toBe("2026-11-23 14:30:00 UTC");
});

test("a day and a month as titles say them", () => {
  vi.stubEnv("TZ", "Asia/Kolkata");
  expect(longDay(new Date("2026-11-22T19:00:00Z"))).toBe("Monday 23 November");
  expect(longMonth(2026, 1)).toBe("January 2026");
});

test.each([
  [0, "0"],
  [999, "999"],
  [1000, "1,000"],
  [-12_345, "-12,345"],
  [1_234_567, "1,234,567"],
])("%d is written %s", (number, words) => {
  expect(count(number)).toBe(words);
});

test("counts and first lines", () => {
  expect([counted(1, "run"), counted(12_345, "run")]).toEqual(["1 run", "12,345 runs"]);
  expect(firstLine("  one\ntwo")).toBe("one");
  expect(firstLine("abcdef", 4)).toBe("abc…");
  expect(firstLine(null)).toBe("");
});
