import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Button } from "~/components/button";
import { Empty } from "~/components/empty";
import { Loaded } from "~/components/panel";
import { count, counted, duration } from "~/lib/format";
import { now } from "~/lib/now";
import { TaskDetail } from "../task";
import { useTasks } from "../tasks";
import { Canvas } from "./canvas";
import { type Columns, isTroubled, nameOf, onlyTroubled, stateOf, type Timeline, timelineOf } from "./model";

const route = getRouteApi("/runs/$id");
const TABLE_ROWS = 200;

/** When each task ran, on a canvas, or as a table of the same rows. */
export function TimelinePanel({ run, attempt }: { run: string; attempt: number }) {
  const tasks = useTasks(run, attempt, false);
  return (
    <div className="overflow-hidden rounded-xl border border-line bg-card shadow-card">
      <Loaded query={tasks} lines={8}>
        {(columns) =>
          columns.number.length === 0 ? (
            <Empty title="No tasks yet">
              <p>A flow's tasks appear here as they begin. This one has run none in this attempt.</p>
            </Empty>
          ) : (
            <Shown columns={columns} run={run} attempt={attempt} />
          )
        }
      </Loaded>
    </div>
  );
}

function Shown({ columns, run, attempt }: { columns: Columns; run: string; attempt: number }) {
  const { task } = route.useSearch();
  const navigate = route.useNavigate();
  const [failedOnly, setFailedOnly] = useState(false);
  const [whole, setWhole] = useState(false);
  const [asTable, setAsTable] = useState(false);
  const all = useMemo(() => timelineOf(columns, now().getTime() - columns.origin), [columns]);
  const line = useMemo(() => (failedOnly ? onlyTroubled(all) : all), [all, failedOnly]);
  const chosen = useMemo(() => rowOf(line, task), [line, task]);
  const choose = (row: number) => {
    const number = columns.number[line.order[row] ?? 0];
    void navigate({ search: (old) => ({ ...old, task: number }), replace: true, resetScroll: false });
  };
  const troubled = all.troubled.length;
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 border-line border-b px-3 py-2">
        <span className="mr-auto text-soft text-sm">
          {counted(columns.number.length, "task")}
          {troubled > 0 && <span className="text-bad"> · {count(troubled)} failed</span>}
        </span>
        {troubled > 0 && (
          <>
            <Toggle on={failedOnly} onChange={setFailedOnly}>
              Only failed
            </Toggle>
            <Button size="small" onClick={() => choose(nextTroubled(line, chosen))}>
              Next failure
            </Button>
          </>
        )}
        <Toggle on={whole} onChange={setWhole}>
          Whole run
        </Toggle>
        <Toggle on={asTable} onChange={setAsTable}>
          As a table
        </Toggle>
      </div>
      {asTable ? (
        <Rows line={line} onChoose={choose} />
      ) : (
        <Canvas line={line} chosen={chosen} onChoose={choose} whole={whole} />
      )}
      {task !== undefined && <TaskDetail run={run} attempt={attempt} number={task} />}
    </>
  );
}

function Toggle({ on, onChange, children }: { on: boolean; onChange: (on: boolean) => void; children: string }) {
  return (
    <Button
      size="small"
      aria-pressed={on}
      className="aria-pressed:border-accent aria-pressed:bg-accent-bg aria-pressed:text-accent"
      onClick={() => onChange(!on)}
    >
      {children}
    </Button>
  );
}

/** The rows of the timeline as a table, a portion at a time. */
function Rows({ line, onChoose }: { line: Timeline; onChoose: (row: number) => void }) {
  const [first, setFirst] = useState(0);
  const { columns } = line;
  const shown = Array.from(line.order.subarray(first, first + TABLE_ROWS));
  return (
    <section aria-label="Tasks" className="max-h-[34rem] overflow-auto">
      <table className="w-full border-collapse text-left">
        <thead className="sticky top-0 bg-card text-faint text-xs">
          <tr>
            {["Task", "State", "Began", "Took"].map((title) => (
              <th key={title} scope="col" className="px-4 py-2 font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((at, place) => (
            <tr key={columns.number[at]} className="border-line border-t hover:bg-hover/60">
              <td className="px-4 py-1.5">
                <button type="button" className="text-left hover:underline" onClick={() => onChoose(first + place)}>
                  {nameOf(columns, at) || "unnamed"} <span className="text-faint">{columns.number[at]}</span>
                </button>
              </td>
              <td className={`px-4 py-1.5 ${isTroubled(columns, at) ? "font-medium text-bad" : "text-soft"}`}>
                {stateOf(columns, at)}
              </td>
              <td className="px-4 py-1.5 text-soft">+{duration((line.begin[at] ?? 0) - line.from)}</td>
              <td className="px-4 py-1.5 text-soft">{duration((line.end[at] ?? 0) - (line.begin[at] ?? 0))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {line.order.length > TABLE_ROWS && (
        <div className="sticky bottom-0 flex items-center gap-2 border-line border-t bg-card px-4 py-2 text-soft text-xs">
          <Button size="small" disabled={first === 0} onClick={() => setFirst(first - TABLE_ROWS)}>
            Earlier
          </Button>
          <Button
            size="small"
            disabled={first + TABLE_ROWS >= line.order.length}
            onClick={() => setFirst(first + TABLE_ROWS)}
          >
            Later
          </Button>
          {count(first + 1)} to {count(Math.min(line.order.length, first + TABLE_ROWS))} of {count(line.order.length)}
        </div>
      )}
    </section>
  );
}

function rowOf(line: Timeline, number: number | undefined): number {
  if (number === undefined) return -1;
  const at = line.columns.number.indexOf(number);
  return at < 0 ? -1 : line.order.indexOf(at);
}

function nextTroubled(line: Timeline, chosen: number): number {
  return line.troubled.find((row) => row > chosen) ?? line.troubled[0] ?? 0;
}
