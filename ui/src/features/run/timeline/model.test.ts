import { describe, expect, it } from "vitest";
import { type Columns, onlyTroubled, rowAt, ticks, timelineOf, windowOf } from "./model";

function columns(...tasks: [number, number | null, number | null, string][]): Columns {
  const states = ["completed", "failed", "running", "pending"];
  return {
    origin: 0,
    names: ["load"],
    states,
    number: tasks.map((_, at) => at + 1),
    parent: tasks.map(() => 0),
    name: tasks.map(() => 0),
    state: tasks.map(([, , , state]) => states.indexOf(state)),
    tries: tasks.map(() => 1),
    created: tasks.map(([created]) => created),
    started: tasks.map(([, started]) => started),
    ended: tasks.map(([, , ended]) => ended),
    flows: [],
    upstream: [],
    next: null,
  };
}

const SOME = columns(
  [0, 50, 90, "completed"],
  [0, 10, 40, "failed"],
  [0, 20, null, "running"],
  [5, null, null, "pending"],
);

describe("timelineOf", () => {
  it("puts rows in the order in which they began, and has open ends last until now", () => {
    const line = timelineOf(SOME, 100);
    expect([...line.order]).toEqual([3, 1, 2, 0]);
    expect([line.from, line.to]).toEqual([5, 100]);
    expect([...line.end]).toEqual([90, 40, 100, 5]);
    expect(line.troubled).toEqual([1]);
    expect([...onlyTroubled(line).order]).toEqual([1]);
  });

  it("has something to draw where there is nothing", () => {
    const line = timelineOf(columns(), 100);
    expect([line.from, line.to, line.order.length]).toEqual([0, 1, 0]);
    expect(windowOf(line, 0, 10)).toEqual([0, 1]);
    expect(rowAt(line, 50)).toBe(0);
  });
});

describe("windows and ticks", () => {
  it("zooms to what is seen and finds rows by time", () => {
    const line = timelineOf(SOME, 100);
    const [from, to] = windowOf(line, 1, 1);
    expect(from).toBeLessThanOrEqual(10);
    expect(to).toBeGreaterThanOrEqual(40);
    expect(to).toBeLessThan(50);
    expect(rowAt(line, 15)).toBe(2);
    expect(rowAt(line, 1000)).toBe(3);
  });

  it("marks an axis at round times", () => {
    expect(ticks(0, 10_000, 5)).toEqual([0, 2000, 4000, 6000, 8000, 10_000]);
    expect(ticks(3, 3, 5).length).toBeLessThanOrEqual(1);
    expect(ticks(0, 10 * 86_400_000, 4).length).toBeLessThanOrEqual(5);
  });
});
