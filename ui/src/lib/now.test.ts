import { afterEach, beforeEach, expect, test, vi } from "vitest";

const HOUR = 3_600_000;
const HERE = Date.parse("2026-11-23T12:00:00.500Z");

beforeEach(() => {
  vi.useFakeTimers({ now: HERE });
  vi.resetModules();
});
afterEach(() => vi.useRealTimers());

/** How far the page's clock is from the browser's after the server was heard, `took` after it was asked. */
async function corrected(...heard: { at: number; took: number }[]): Promise<number> {
  const { now, serverTime } = await import("./now");
  for (const { at, took } of heard) serverTime(new Date(Math.floor(at / 1000) * 1000), HERE - took, HERE);
  return now().getTime() - HERE;
}

test("a clock that is right stays as it is, however slow the answer and whatever was cut off the second", async () => {
  expect(
    await corrected({ at: HERE, took: 20 }, { at: HERE - 2000, took: 5 }, { at: HERE - 20_000, took: 25_000 }),
  ).toBe(0);
});

test("a clock an hour off is put right to the second", async () => {
  expect(Math.abs((await corrected({ at: HERE - HOUR, took: 100 })) + HOUR)).toBeLessThan(2100);
  expect(Math.abs((await corrected({ at: HERE + HOUR, took: 100 })) - 0)).toBeGreaterThan(HOUR - 2100);
});

test("what a slow answer cannot tell does not undo what a quick one told", async () => {
  const once = await corrected({ at: HERE - HOUR, took: 100 });
  vi.resetModules();
  expect(await corrected({ at: HERE - HOUR, took: 100 }, { at: HERE - HOUR - 9000, took: 20_000 })).toBe(once);
});

test("no time is no news", async () => {
  const { now, serverTime } = await import("./now");
  serverTime(new Date("nonsense"), HERE - 10, HERE);
  expect(now().getTime()).toBe(HERE);
});
