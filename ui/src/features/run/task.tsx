import { Link } from "@tanstack/react-router";
import { Loaded } from "~/components/panel";
import { State } from "~/components/state";
import { Duration, Time } from "~/components/time";
import type { Schemas } from "~/lib/api";
import { count } from "~/lib/format";
import { JsonValue } from "./json";
import { useTask } from "./seen";

/** One task: state, times, why, what it gave. */
export function TaskDetail({ run, attempt, number }: { run: string; attempt: number; number: number }) {
  const query = useTask(run, attempt, number);
  return (
    <section aria-label="The chosen task" className="border-line border-t">
      <Loaded query={query} lines={2}>
        {([task]) => (task && task.number === number ? <Task task={task} /> : <p className="p-4">No such task.</p>)}
      </Loaded>
    </section>
  );
}

function Task({ task }: { task: Schemas["TaskRun"] }) {
  return (
    <div className="space-y-3 px-4 py-3.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="break-words font-semibold">{task.name || task.key}</h3>
        <State state={task.state} name={task.state_name} />
        <span className="text-soft">
          <Time at={task.started_at ?? task.created_at} />
          {task.started_at && (
            <>
              {" "}
              for <Duration from={task.started_at} to={task.ended_at} />
            </>
          )}
          {task.tries > 1 && `, ${count(task.tries)} tries`}
        </span>
        <Link
          from="/runs/$id"
          to="/runs/$id"
          params={{ id: task.run_id }}
          search={(old) => ({ ...old, tab: "log" as const, task: task.number, line: undefined })}
          className="ml-auto text-accent hover:underline"
        >
          Its log
        </Link>
      </div>
      {task.reason && (
        <pre className="max-h-60 overflow-auto whitespace-pre-wrap break-words rounded-lg bg-bad-bg/60 px-3 py-2 font-mono text-[0.8125rem]">
          {task.reason}
        </pre>
      )}
      {task.result && <Result result={task.result} />}
    </div>
  );
}

/** What a task gave back: its value where it is stored with the record, else where it is. */
function Result({ result }: { result: NonNullable<Schemas["TaskRun"]["result"]> }) {
  if ("inline" in result) return <JsonValue label="Result" value={result.inline} />;
  if ("ref" in result) {
    return (
      <p className="break-all text-soft">
        Result: <code className="font-mono">{String(result.ref)}</code>
        {typeof result.size === "number" && `, ${count(result.size)} bytes`}
      </p>
    );
  }
  return <p className="text-soft">The result was not stored: {String(result.unstored ?? "")}</p>;
}
