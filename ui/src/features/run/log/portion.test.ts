// @vitest-environment jsdom
import { afterEach, expect, test, vi } from "vitest";
import { answerAhead, askAhead, logAddress, pageAround } from "./portion";

afterEach(() => vi.unstubAllGlobals());

test("the page that a row is on is asked for", () => {
  expect(pageAround(logAddress("a1"), 2, 1234)).toBe("/api/v1/views/runs/a1/log?attempt=2&first=1000&limit=500");
});

test("what was asked ahead is taken once, by who asks the same", async () => {
  const fetched = vi.fn(async () => Response.json({ size: 1 }));
  vi.stubGlobal("fetch", fetched);
  askAhead("/log?first=0");
  expect(answerAhead("/log?first=500")).toBeUndefined();
  expect(await (await answerAhead("/log?first=0"))?.json()).toEqual({ size: 1 });
  expect(answerAhead("/log?first=0")).toBeUndefined();
  expect(fetched).toHaveBeenCalledOnce();
});

test("only the last question is kept", () => {
  vi.stubGlobal("fetch", async () => Response.json({}));
  askAhead("/log?first=0");
  askAhead("/log?first=500");
  expect(answerAhead("/log?first=0")).toBeUndefined();
});

test("a failure is told to who takes it", async () => {
  vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("gone")));
  askAhead("/log?first=0");
  await expect(answerAhead("/log?first=0")).rejects.toThrow("gone");
});
