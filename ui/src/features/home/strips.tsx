import { Link } from "@tanstack/react-router";
import type { RunState } from "~/lib/api";
import { TONES } from "~/lib/states";
import { type Cell, describe, summary } from "./day";

/** The last 24 hours, one row a deployment, one cell an hour. */
export function Strips({ strips }: { strips: Map<string, Cell[]> }) {
  return (
    <div className="px-4 py-3">
      <div className="divide-y divide-line">
        {[...strips].map(([name, cells]) => (
          <div key={name} className="flex items-center gap-x-4 gap-y-1 py-2 max-sm:flex-wrap">
            <Link
              to="/deployments/$name"
              params={{ name }}
              className="w-44 shrink-0 truncate font-medium hover:underline"
              title={name}
            >
              {name}
            </Link>
            <span className="sr-only">{summary(cells)}</span>
            <div className="flex h-6 min-w-0 flex-1 basis-60 items-stretch gap-px">
              {cells.map((cell) => (
                <Hour key={cell.hour} cell={cell} deployment={name} />
              ))}
            </div>
          </div>
        ))}
      </div>
      <div className="mt-1 flex justify-between pt-1 text-faint text-xs sm:pl-48" aria-hidden="true">
        <span>24 h ago</span>
        <span>12 h</span>
        <span>now</span>
      </div>
    </div>
  );
}

const FILL: Record<string, string> = {
  good: "bg-good/70",
  bad: "bg-bad",
  crash: "bg-crash",
  warn: "bg-warn",
  live: "bg-live",
  wait: "bg-wait/40",
};

/** Told without colour, too. */
const MARKS: Partial<Record<RunState, string>> = { failed: "×", crashed: "×", running: "▸", paused: "?" };

function Hour({ cell, deployment }: { cell: Cell; deployment: string }) {
  const said = describe(cell);
  if (!cell.worst || !cell.newest) return <span title={said} className="flex-1 rounded-[3px] bg-sunk" />;
  return (
    <Link
      to="/runs/$id"
      params={{ id: cell.newest }}
      title={said}
      aria-label={`${deployment}, ${said}`}
      className={`grid flex-1 place-items-center rounded-[3px] font-bold text-[0.625rem] text-card leading-none hover:outline-2 hover:outline-ink ${FILL[TONES[cell.worst]]}`}
    >
      {MARKS[cell.worst]}
    </Link>
  );
}
