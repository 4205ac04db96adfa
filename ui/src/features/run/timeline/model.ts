import type { Schemas } from "~/lib/api";

export type Columns = Schemas["BarsAnswer"];

/** The tasks of an attempt in the order of the timeline: by when they started. Row numbers count in `order`. */
export interface Timeline {
  columns: Columns;
  order: Uint32Array;
  begin: Float64Array;
  end: Float64Array;
  /** From the first start to the last end, in milliseconds after the origin. */
  from: number;
  to: number;
  /** Rows that failed or crashed. */
  troubled: number[];
}

/** `now`: until when what runs is drawn, in milliseconds after the origin. */
export function timelineOf(columns: Columns, now: number): Timeline {
  const size = columns.number.length;
  const begin = new Float64Array(size);
  const end = new Float64Array(size);
  for (let at = 0; at < size; at++) {
    begin[at] = columns.started[at] ?? columns.created[at] ?? 0;
    const started = columns.started[at] != null;
    end[at] = columns.ended[at] ?? (started ? Math.max(now, begin[at] ?? 0) : (begin[at] ?? 0));
  }
  const order = Uint32Array.from({ length: size }, (_, at) => at);
  order.sort(
    (one, other) =>
      (begin[one] ?? 0) - (begin[other] ?? 0) || (columns.number[one] ?? 0) - (columns.number[other] ?? 0),
  );
  let [from, to] = [Infinity, -Infinity];
  for (let at = 0; at < size; at++) {
    from = Math.min(from, begin[at] ?? 0);
    to = Math.max(to, end[at] ?? 0);
  }
  if (size === 0) [from, to] = [0, 1];
  const troubled: number[] = [];
  for (const [row, at] of order.entries()) if (isTroubled(columns, at)) troubled.push(row);
  return { columns, order, begin, end, from, to: Math.max(to, from + 1), troubled };
}

/** Only the rows that failed or crashed. */
export function onlyTroubled(line: Timeline): Timeline {
  const order = Uint32Array.from(line.troubled, (row) => line.order[row] ?? 0);
  return { ...line, order, troubled: Array.from(order, (_, row) => row) };
}

export function stateOf(columns: Columns, at: number): string {
  return columns.states[columns.state[at] ?? 0] ?? "scheduled";
}

export function nameOf(columns: Columns, at: number): string {
  return columns.names[columns.name[at] ?? 0] ?? "";
}

export function isTroubled(columns: Columns, at: number): boolean {
  const state = stateOf(columns, at);
  return state === "failed" || state === "crashed";
}

/** The time that the rows from `first` to `last` take up, with a margin: what is zoomed to while they are seen. */
export function windowOf(line: Timeline, first: number, last: number): [number, number] {
  let [from, to] = [Infinity, -Infinity];
  for (let row = first; row <= last && row < line.order.length; row++) {
    const at = line.order[row] ?? 0;
    from = Math.min(from, line.begin[at] ?? 0);
    to = Math.max(to, line.end[at] ?? 0);
  }
  if (from > to) return [line.from, line.to];
  const margin = Math.max((to - from) * 0.04, 1);
  return [Math.max(line.from, from - margin), Math.min(line.to + margin, to + margin)];
}

/** The first row that starts at or after a time. */
export function rowAt(line: Timeline, time: number): number {
  let [low, high] = [0, line.order.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((line.begin[line.order[middle] ?? 0] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, Math.max(0, line.order.length - 1));
}

/** Round steps of an axis: about `count` of them between two times. */
export function ticks(from: number, to: number, count: number): number[] {
  const rough = (to - from) / Math.max(1, count);
  const size = STEPS.find((step) => step >= rough) ?? Math.ceil(rough / DAY) * DAY;
  const found: number[] = [];
  for (let at = Math.ceil(from / size) * size; at <= to; at += size) found.push(at);
  return found;
}

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1000, 2000, 5000, 10_000, 15_000, 30_000],
  ...[1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((minutes) => minutes * MINUTE),
  DAY,
];
