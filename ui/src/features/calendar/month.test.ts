import { expect, it } from "vitest";
import { dayAfter, dayName, daysOf, monthOf, monthText, shifted } from "./month";

it("fills the weeks of a month", () => {
  const days = daysOf({ year: 2026, month: 11 }).map(dayName);
  expect([days[0], days.at(-1), days.length]).toEqual(["2026-10-26", "2026-12-06", 42]);
  expect(daysOf({ year: 2027, month: 2 }).length).toBe(28);
});

it("goes over the ends of years, and over days of 23 and 25 hours", () => {
  expect(monthText(shifted({ year: 2026, month: 12 }, 1))).toBe("2027-01");
  expect(monthText(shifted({ year: 2026, month: 1 }, -1))).toBe("2025-12");
  for (const month of [3, 10, 11]) {
    const days = daysOf({ year: 2026, month });
    expect(new Set(days.map(dayName)).size).toBe(days.length);
    const following = days.map(dayAfter).map(dayName);
    expect(following.slice(0, -1)).toEqual(days.slice(1).map(dayName));
  }
});

it("takes the month of the address, else this one", () => {
  expect(monthOf("2026-03", new Date())).toEqual({ year: 2026, month: 3 });
  expect(monthOf(undefined, new Date(2026, 10, 5))).toEqual({ year: 2026, month: 11 });
});
