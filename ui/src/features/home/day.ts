import type { RunState, Schemas } from "~/lib/api";
import { clock, counted } from "~/lib/format";

type HourCount = Schemas["HourCount"];

/** One hour of a deployment: its runs by state, and the newest of those in the worst state. */
export interface Cell {
  hour: number;
  counts: Partial<Record<RunState, number>>;
  total: number;
  worst: RunState | undefined;
  newest: string | undefined;
}

export const HOURS = 24;
const HOUR_MS = 3_600_000;

/** The worse a state, the further to the front. */
const RANK: RunState[] = [
  "failed",
  "crashed",
  "paused",
  "cancelling",
  "running",
  "pending",
  "scheduled",
  "cancelled",
  "completed",
  "skipped",
];

/** deployment -> its last 24 hours, the present one last. */
export function strips(hours: readonly HourCount[], deployments: readonly string[], now: Date): Map<string, Cell[]> {
  const last = Math.floor(now.getTime() / HOUR_MS);
  const first = last - HOURS + 1;
  const found = new Map(
    deployments.map((name) => [name, Array.from({ length: HOURS }, (_, place) => empty(first + place))]),
  );
  for (const [deployment, hour, state, runs, newest] of hours) {
    // What is due later stands in the present hour, what was due before the day in the first.
    const cell = found.get(deployment)?.[Math.min(HOURS - 1, Math.max(0, hour - first))];
    if (!cell) continue;
    cell.counts[state] = (cell.counts[state] ?? 0) + runs;
    cell.total += runs;
    if (cell.worst === undefined || RANK.indexOf(state) < RANK.indexOf(cell.worst)) {
      cell.worst = state;
      cell.newest = newest;
    }
  }
  return found;
}

/** "14:00 to 15:00: 3 completed, 1 failed", in the viewer's zone. */
export function describe(cell: Cell): string {
  const said = RANK.filter((state) => cell.counts[state]).map((state) => `${cell.counts[state]} ${state}`);
  return `${starts(cell.hour)} to ${starts(cell.hour + 1)}: ${said.join(", ") || "no runs"}`;
}

/** "12 runs, 1 failed" of a whole strip. */
export function summary(cells: readonly Cell[]): string {
  const total = cells.reduce((sum, cell) => sum + cell.total, 0);
  const bad = cells.reduce((sum, cell) => sum + (cell.counts.failed ?? 0) + (cell.counts.crashed ?? 0), 0);
  return total === 0 ? "no runs" : counted(total, "run") + (bad ? `, ${bad} failed` : "");
}

function starts(hour: number): string {
  return clock(new Date(hour * HOUR_MS));
}

function empty(hour: number): Cell {
  return { hour, counts: {}, total: 0, worst: undefined, newest: undefined };
}
