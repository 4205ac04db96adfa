import { afterEach, expect, test, vi } from "vitest";
import { describe, HOURS, strips, summary } from "./day";

const NOW = new Date("2026-11-23T14:30:00Z");
const LAST = Math.floor(NOW.getTime() / 3_600_000);

afterEach(() => vi.unstubAllEnvs());

test("a strip has a cell an hour, the present one last, coloured by the worst", () => {
  const found = strips(
    [
      ["load", LAST, "completed", 3, "c"],
      ["load", LAST, "failed", 1, "f"],
      ["load", LAST - 23, "completed", 1, "old"],
      ["gone", LAST, "failed", 1, "x"],
    ],
    ["load", "turf"],
    NOW,
  );
  const load = found.get("load") ?? [];
  expect([...found.keys()]).toEqual(["load", "turf"]);
  expect(load).toHaveLength(HOURS);
  expect(load[HOURS - 1]).toMatchObject({ worst: "failed", newest: "f", total: 4 });
  expect(load[0]).toMatchObject({ worst: "completed", total: 1 });
  expect(summary(load)).toBe("5 runs, 1 failed");
  expect(summary(found.get("turf") ?? [])).toBe("no runs");
});

test("what is due beyond the day stands at its ends", () => {
  const [cells] = strips([["load", LAST + 5, "scheduled", 1, "s"]], ["load"], NOW).values();
  expect(cells?.[HOURS - 1]?.worst).toBe("scheduled");
});

test("a cell says its hour in the viewer's zone", () => {
  vi.stubEnv("TZ", "America/New_York");
  const [cells] = strips([["load", LAST, "completed", 2, "c"]], ["load"], NOW).values();
  expect(describe(cells?.[HOURS - 1] as never)).toBe("09:00 to 10:00: 2 completed");
});
