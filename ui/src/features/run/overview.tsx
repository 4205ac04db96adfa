import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Panel } from "~/components/panel";
import { StateIcon } from "~/components/state";
import { Duration, Time } from "~/components/time";
import { api, type RunState, type Schemas } from "~/lib/api";
import { count, shortCommit } from "~/lib/format";
import { STATES } from "~/lib/states";
import { Artifacts } from "./artifacts";
import { JsonValue } from "./json";
import { pieces } from "./log/ansi";
import { QuestionForm } from "./question";
import { person } from "./words";

type Seen = Schemas["RunOverview"];

/** What is seen first: what went wrong, what was said last, what came of it. */
export function Overview({ seen }: { seen: Seen }) {
  const { run } = seen;
  return (
    <div className="grid gap-x-6 lg:grid-cols-[minmax(0,1fr)_19rem]">
      <div className="min-w-0">
        {seen.question && <QuestionForm run={run} question={seen.question} />}
        {seen.failed.length > 0 && <FailedTasks seen={seen} />}
        {run.reason?.includes("\n") && (
          <Panel title="Error">
            <Pre>{run.reason}</Pre>
          </Panel>
        )}
        <LastLines seen={seen} />
        <Artifacts run={run.id} heads={seen.artifacts} />
      </div>
      <aside aria-label="Facts" className="min-w-0">
        <TaskCounts seen={seen} />
        <Parameters seen={seen} />
        <Facts seen={seen} />
        <History seen={seen} />
      </aside>
    </div>
  );
}

function FailedTasks({ seen }: { seen: Seen }) {
  const all = (seen.tasks.failed ?? 0) + (seen.tasks.crashed ?? 0);
  return (
    <Panel
      title="Failed tasks"
      note={all > seen.failed.length ? `the first ${seen.failed.length} of ${count(all)}` : count(all)}
    >
      <ul className="divide-y divide-line">
        {seen.failed.map((task) => (
          <li key={task.number} className="px-4 py-3">
            <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
              <StateIcon state={task.state} label />
              <Link
                from="/runs/$id"
                to="/runs/$id"
                params={{ id: task.run_id }}
                search={(old) => ({ ...old, tab: "timeline" as const, task: task.number })}
                className="break-all font-medium hover:underline"
              >
                {task.name || task.key}
              </Link>
              <span className="text-faint">
                <Duration from={task.started_at} to={task.ended_at} />
                {task.tries > 1 && `, ${task.tries} tries`}
              </span>
              <Link
                from="/runs/$id"
                to="/runs/$id"
                params={{ id: task.run_id }}
                search={(old) => ({ ...old, tab: "log" as const, task: task.number })}
                className="ml-auto text-accent hover:underline"
              >
                Its log
              </Link>
            </div>
            {task.reason && (
              <pre className="mt-1.5 max-h-40 overflow-auto whitespace-pre-wrap break-words font-mono text-[0.8125rem] text-bad">
                {task.reason}
              </pre>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function LastLines({ seen }: { seen: Seen }) {
  const { run, log_end: lines, first_error: error } = seen;
  return (
    <Panel
      title="Last lines of the log"
      actions={
        <>
          {error != null && (
            <Link
              from="/runs/$id"
              to="/runs/$id"
              params={{ id: run.id }}
              search={(old) => ({ ...old, tab: "log" as const, line: error })}
              className="text-accent hover:underline"
            >
              First error
            </Link>
          )}
          {seen.log_lines > lines.length && (
            <Link
              from="/runs/$id"
              to="/runs/$id"
              params={{ id: run.id }}
              search={(old) => ({ ...old, tab: "log" as const })}
              className="text-accent hover:underline"
            >
              All {count(seen.log_lines)} lines
            </Link>
          )}
        </>
      }
    >
      {lines.length === 0 ? (
        <p className="px-4 py-3.5 text-soft">{seen.run.ended_at ? "Nothing was logged." : "Nothing was logged yet."}</p>
      ) : (
        <ol className="overflow-x-auto bg-sunk py-2 font-mono text-[0.8125rem] leading-5">
          {lines.map(([row, line]) => (
            <li
              key={row}
              className={`flex px-4 ${line.level >= 40 ? "text-bad" : line.level >= 30 ? "text-warn" : ""}`}
            >
              <Link
                from="/runs/$id"
                to="/runs/$id"
                params={{ id: run.id }}
                search={(old) => ({ ...old, tab: "log" as const, line: row })}
                className="w-14 shrink-0 select-none pr-3 text-right text-faint hover:underline"
                aria-label={`Line ${row + 1} in the log`}
              >
                {row + 1}
              </Link>
              <span className="min-w-0 whitespace-pre-wrap break-words">
                {pieces(line.message.slice(0, 2000)).map((piece, place) => (
                  <span key={place} className={piece.look}>
                    {piece.text}
                  </span>
                ))}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

function TaskCounts({ seen }: { seen: Seen }) {
  const states = STATES.filter((state) => seen.tasks[state]);
  if (states.length === 0) return null;
  return (
    <Panel title="Tasks" padded>
      <ul className="flex flex-wrap gap-x-4 gap-y-1.5">
        {states.map((state: RunState) => (
          <li key={state} className="inline-flex items-center gap-1.5">
            <StateIcon state={state} />
            <span className="font-medium">{count(seen.tasks[state] ?? 0)}</span>
            <span className="text-soft">{state}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Parameters({ seen }: { seen: Seen }) {
  if (seen.large) return <LargeParameters run={seen.run.id} />;
  const entries = Object.entries(seen.run.parameters);
  return (
    <Panel title="Parameters" padded>
      {entries.length === 0 ? (
        <p className="text-soft">None.</p>
      ) : entries.length <= 12 && entries.every(([, value]) => isShort(value)) ? (
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
          {entries.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="break-all text-soft">{name}</dt>
              <dd className="break-all font-mono text-[0.8125rem]">{JSON.stringify(value)}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <JsonValue label="Parameters" value={seen.run.parameters} />
      )}
    </Panel>
  );
}

function LargeParameters({ run }: { run: string }) {
  const query = api.useQuery("get", "/api/v1/runs/{id}", { params: { path: { id: run } } });
  return (
    <Panel title="Parameters" padded>
      {query.data ? (
        <JsonValue label="Parameters" value={query.data.parameters} />
      ) : (
        <p className="text-soft">Loading</p>
      )}
    </Panel>
  );
}

function Facts({ seen }: { seen: Seen }) {
  const { run } = seen;
  const facts: [string, ReactNode][] = [
    ["Due", <Time key="due" at={run.due_at} />],
    ["Started", <Time key="started" at={run.started_at} />],
    ["Ended", <Time key="ended" at={run.ended_at} />],
    [
      "Code",
      <code key="code" className="break-all font-mono text-[0.8125rem]">
        {run.spec.entrypoint}
      </code>,
    ],
    [
      "Commit",
      run.spec.commit ? (
        <code key="commit" className="font-mono text-[0.8125rem]">
          {shortCommit(run.spec.commit)}
        </code>
      ) : (
        "–"
      ),
    ],
    ["Release", run.spec.release ?? "–"],
    ["Pool", run.pool ?? "none: a script"],
    ["Worker", seen.worker ?? "–"],
    ["Tags", run.tags.join(", ") || "–"],
    [
      "Id",
      <code key="id" className="break-all font-mono text-xs">
        {run.id}
      </code>,
    ],
  ];
  return (
    <Panel title="Facts" padded>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-soft">{name}</dt>
            <dd className="min-w-0 break-words">{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function History({ seen }: { seen: Seen }) {
  return (
    <Panel title="History" padded>
      <ol className="space-y-1.5">
        {seen.history.slice(-12).map((step) => (
          <li key={step.version} className="flex items-start gap-2" title={step.reason ?? undefined}>
            <span className="mt-1">
              <StateIcon state={step.state} size={13} />
            </span>
            <span className="min-w-0 flex-1">
              {step.name}
              <span className="block break-words text-faint text-xs">{person(step.by)}</span>
            </span>
            <span className="text-faint text-xs">
              <Time at={step.at} />
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Pre({ children }: { children: string }) {
  return (
    <pre className="max-h-96 overflow-auto whitespace-pre-wrap break-words px-4 py-3 font-mono text-[0.8125rem] text-bad">
      {children}
    </pre>
  );
}

function isShort(value: unknown): boolean {
  return value === null || typeof value !== "object" ? String(value).length <= 200 : JSON.stringify(value).length <= 60;
}
