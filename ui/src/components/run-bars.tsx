import { Link } from "@tanstack/react-router";
import type { RunState, Schemas } from "~/lib/api";
import { counted, duration, moment } from "~/lib/format";
import { now } from "~/lib/now";
import { TONE_FILL, TONES } from "~/lib/states";

type Bar = Schemas["RunBar"];

const WIDTH = 5;
const GAP = 2;
const LOWEST = 0.28;

interface RunBarsProps {
  /** The newest first. */
  runs: readonly Bar[];
  slots: number;
  height?: number;
  /** As wide as there is room, rather than its own width. */
  wide?: boolean;
}

/** The latest runs of a deployment as bars, the newest at the right: colour is state, height is time taken. */
export function RunBars({ runs, slots, height = 22, wide }: RunBarsProps) {
  const shown = runs.slice(0, slots);
  const longest = Math.max(1, ...shown.map((run) => took(run) ?? 0));
  const width = slots * (WIDTH + GAP) - GAP;
  const size = wide
    ? { className: "w-full", height, preserveAspectRatio: "none" }
    : { width, height, className: "block" };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing with links in it is no field set
    <svg viewBox={`0 0 ${width} ${height}`} role="group" aria-label={summary(shown)} {...size}>
      {Array.from({ length: slots }, (_, slot) => {
        const run = shown[slots - 1 - slot];
        const x = slot * (WIDTH + GAP);
        if (!run)
          return <rect key={`none${x}`} x={x} y={height - 3} width={WIDTH} height={3} rx={1} className="fill-line" />;
        const tall = Math.max(LOWEST, (took(run) ?? 0) / longest) * height;
        return (
          <Link key={run.id} to="/runs/$id" params={{ id: run.id }} tabIndex={-1} aria-hidden>
            <rect x={x - GAP / 2} y={0} width={WIDTH + GAP} height={height} className="fill-transparent" />
            <rect
              x={x}
              y={height - tall}
              width={WIDTH}
              height={tall}
              rx={1.5}
              className={`hover:opacity-70 ${TONE_FILL[TONES[run.state]]}`}
            >
              <title>{told(run)}</title>
            </rect>
          </Link>
        );
      })}
    </svg>
  );
}

function took(run: Bar): number | undefined {
  if (!run.started_at) return undefined;
  return Math.max(0, (run.ended_at ? Date.parse(run.ended_at) : now().getTime()) - Date.parse(run.started_at));
}

function told(run: Bar): string {
  const ms = took(run);
  const at = moment(new Date(run.started_at ?? run.due_at), now());
  return `${run.name}: ${run.state_name}, ${at}${ms === undefined ? "" : `, ${duration(ms)}`}`;
}

function summary(runs: readonly Bar[]): string {
  if (!runs.length) return "No runs yet";
  const counts = new Map<RunState, number>();
  for (const run of runs) counts.set(run.state, (counts.get(run.state) ?? 0) + 1);
  return `The last ${counted(runs.length, "run")}: ${[...counts].map(([state, number]) => `${number} ${state}`).join(", ")}`;
}
