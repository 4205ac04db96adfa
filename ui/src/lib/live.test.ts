// @vitest-environment jsdom
import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Live } from "./live";

/** A stream that says what the test lets it say. */
class Stream extends EventTarget {
  static opened: Stream[] = [];
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  constructor(readonly address: string) {
    super();
    Stream.opened.push(this);
  }
  close() {
    this.closed = true;
  }
  say(kind: string, id: number, topics: string[] = []) {
    this.dispatchEvent(new MessageEvent(kind, { lastEventId: String(id), data: JSON.stringify({ topics }) }));
  }
}

let queries: QueryClient;
let live: Live;
const asked: string[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  Stream.opened = [];
  asked.length = 0;
  queries = new QueryClient();
  for (const [name, topics] of [
    ["one run", ["run:a"]],
    ["runs", ["runs"]],
    ["workers", ["workers"]],
  ] as const) {
    queries.setQueryData([name], 0);
    queries
      .getQueryCache()
      .find({ queryKey: [name] })
      ?.setOptions({ queryKey: [name], meta: { topics } } as never);
  }
  vi.spyOn(queries, "invalidateQueries").mockImplementation(async (filters) => {
    const found = queries.getQueryCache().findAll(filters);
    asked.push(...found.map((query) => String(query.queryKey[0])));
  });
  live = new Live(queries, "/live", (address) => new Stream(address) as unknown as EventSource);
  live.start();
});

afterEach(() => {
  live.stop();
  vi.useRealTimers();
});

const stream = () => Stream.opened[Stream.opened.length - 1] as Stream;

test("only what a topic touches is asked for again, at most once a second", () => {
  stream().onopen?.();
  stream().say("news", 1, ["run:a", "runs"]);
  expect(asked).toEqual(["one run", "runs"]);
  stream().say("news", 2, ["runs"]);
  stream().say("news", 3, ["runs"]);
  expect(asked).toHaveLength(2);
  vi.advanceTimersByTime(1000);
  expect(asked).toEqual(["one run", "runs", "runs"]);
});

test("what takes long to answer is not given up for the next, and is asked for less often", async () => {
  stream().onopen?.();
  let answer = (_: number) => {};
  const slow = queries.fetchQuery({
    queryKey: ["slow"],
    queryFn: () => new Promise<number>((resolve) => (answer = resolve)),
    meta: { topics: ["run:a"] },
  });
  stream().say("news", 1, ["run:a"]);
  await vi.advanceTimersByTimeAsync(1500);
  expect(asked).toEqual(["one run"]);
  answer(1);
  await slow;
  await vi.advanceTimersByTimeAsync(5500);
  expect(asked).not.toContain("slow");
  await vi.advanceTimersByTimeAsync(2000);
  expect(asked.filter((name) => name === "slow")).toEqual(["slow"]);
});

test("very many runs touch every run", () => {
  stream().say("news", 1, ["runs", "run:*"]);
  expect(asked).toEqual(["one run", "runs"]);
});

test("a stream that breaks is polled for, and goes on where it was", () => {
  stream().say("news", 7, []);
  stream().onerror?.();
  expect([stream().closed, live.connection]).toEqual([true, "polling"]);
  vi.advanceTimersByTime(5000);
  expect(asked).toEqual(["one run", "runs", "workers"]);
  expect(Stream.opened.map(({ address }) => address)).toEqual(["/live", "/live?after=7"]);
  stream().onopen?.();
  expect(live.connection).toBe("live");
  asked.length = 0;
  vi.advanceTimersByTime(20_000);
  expect(asked).toEqual([]);
});

test("a stream that the server ends is opened again at once", () => {
  stream().say("news", 9, []);
  stream().say("again", 0);
  expect(Stream.opened.map(({ address }) => address)).toEqual(["/live", "/live?after=9"]);
});

test("what was lost may be anything", () => {
  stream().say("lost", 3);
  expect(asked).toEqual(["one run", "runs", "workers"]);
});

test("a stream that falls silent without an end is broken, one that says that it is there is not", () => {
  stream().onopen?.();
  for (let quarter = 0; quarter < 8; quarter++) {
    vi.advanceTimersByTime(15_000);
    stream().say("here", 0);
  }
  expect([Stream.opened.length, live.connection]).toEqual([1, "live"]);
  vi.advanceTimersByTime(40_000);
  expect([stream().closed, live.connection]).toEqual([true, "polling"]);
});
