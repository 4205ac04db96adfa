import { Link } from "@tanstack/react-router";
import { Loaded, Panel } from "~/components/panel";
import { State } from "~/components/state";
import { Duration, Time } from "~/components/time";
import type { Schemas } from "~/lib/api";
import { count } from "~/lib/format";
import { STATES } from "~/lib/states";
import { pieces } from "./log/ansi";
import { useSeen } from "./seen";

type Seen = Schemas["RunOverview"];
/** So many stand side by side; each asks once. */
const BESIDE = 3;

/** The attempts of a run beside each other, the newest first. */
export function AttemptsPanel({ seen }: { seen: Seen }) {
  const newest = [...seen.attempts].reverse();
  const others = newest.slice(BESIDE);
  return (
    <>
      <div className="mb-6 grid gap-4 md:grid-cols-2 xl:grid-cols-3">
        {newest.slice(0, BESIDE).map((attempt) => (
          <Beside key={attempt.number} seen={seen} attempt={attempt} />
        ))}
      </div>
      {others.length > 0 && (
        <Panel title="Earlier" note={count(others.length)}>
          <ul className="max-h-96 divide-y divide-line overflow-auto">
            {others.map((attempt) => (
              <li key={attempt.number} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2">
                <Choose run={seen.run.id} number={attempt.number}>
                  Attempt {attempt.number}
                </Choose>
                <State state={attempt.state} name={attempt.state_name} />
                <Time at={attempt.began_at} />
                <span className="min-w-0 break-words text-soft">{attempt.reason}</span>
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}

function Beside({ seen, attempt }: { seen: Seen; attempt: Schemas["Attempt"] }) {
  const { id } = seen.run;
  const own = attempt.number === seen.attempt;
  const query = useSeen(id, attempt.number, !own);
  return (
    <article
      aria-label={`Attempt ${attempt.number}`}
      className={`min-w-0 overflow-hidden rounded-xl border bg-card shadow-card ${own ? "border-accent" : "border-line"}`}
    >
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 border-line border-b px-4 py-2.5">
        <h2 className="font-semibold">
          <Choose run={id} number={attempt.number}>
            Attempt {attempt.number}
          </Choose>
        </h2>
        <State state={attempt.state} name={attempt.state_name} />
        <span className="ml-auto text-soft">
          <Duration from={attempt.started_at} to={attempt.ended_at} />
        </span>
      </header>
      <div className="space-y-2 px-4 py-3">
        <p className="text-soft text-xs">
          Opened <Time at={attempt.began_at} />
          {attempt.opened && <span className="break-words">: {attempt.opened}</span>}
        </p>
        {attempt.reason && attempt.reason !== attempt.opened && (
          <p className="line-clamp-4 break-words">{attempt.reason}</p>
        )}
        {own ? <Tasks seen={seen} /> : <Loaded query={query}>{(other) => <Tasks seen={other} />}</Loaded>}
      </div>
    </article>
  );
}

function Tasks({ seen }: { seen: Seen }) {
  const counted = STATES.filter((state) => seen.tasks[state]);
  return (
    <>
      <p>
        {counted.length === 0
          ? "No tasks."
          : counted.map((state) => `${count(seen.tasks[state] ?? 0)} ${state}`).join(", ")}
      </p>
      {seen.failed.slice(0, 5).map((task) => (
        <p key={task.number} className="break-words text-bad text-xs">
          <span className="font-medium">{task.name || task.key}</span> {task.reason?.split("\n", 1)[0]}
        </p>
      ))}
      {seen.log_end.length > 0 && (
        <pre className="overflow-x-auto rounded-lg bg-sunk px-3 py-2 font-mono text-xs">
          {seen.log_end.slice(-5).map(([row, line]) => (
            <span key={row} className="block">
              {pieces(line.message.split("\n", 1)[0]?.slice(0, 300) ?? "").map((piece) => piece.text)}
            </span>
          ))}
        </pre>
      )}
    </>
  );
}

function Choose({ run, number, children }: { run: string; number: number; children: React.ReactNode }) {
  return (
    <Link
      from="/runs/$id"
      to="/runs/$id"
      params={{ id: run }}
      search={(old) => ({ tab: old.tab, attempt: number })}
      className="hover:underline"
    >
      {children}
    </Link>
  );
}
