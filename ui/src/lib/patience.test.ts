import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { before, PATIENCE_MS } from "./patience";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function watch(work: Promise<void>): () => boolean {
  let over = false;
  void work.then(() => {
    over = true;
  });
  return () => over;
}

test("who comes to a page waits for its answers, all of them", async () => {
  let answer = () => {};
  const late = new Promise<void>((done) => {
    answer = done;
  });
  const over = watch(before("enter", Promise.resolve(), late));
  await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1);
  expect(over()).toBe(false);
  answer();
  await vi.advanceTimersByTimeAsync(0);
  expect(over()).toBe(true);
});

test("no longer than the patience goes", async () => {
  const over = watch(before("enter", new Promise(() => {})));
  await vi.advanceTimersByTimeAsync(PATIENCE_MS);
  expect(over()).toBe(true);
});

test("who stays on the page and filters does not wait", async () => {
  const over = watch(before("stay", new Promise(() => {})));
  await vi.advanceTimersByTimeAsync(0);
  expect(over()).toBe(true);
});

test("an answer that fails is no failure of the page", async () => {
  await expect(before("enter", Promise.reject(new Error("gone")))).resolves.toBeUndefined();
});
