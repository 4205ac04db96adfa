import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import {
  BellOff,
  Check,
  CircleHelp,
  CirclePlay,
  CircleX,
  Clock,
  GitCommitHorizontal,
  Hourglass,
  type LucideIcon,
  ServerOff,
  Undo2,
  Unplug,
} from "lucide-react";
import { useState } from "react";
import { Button, buttonLook } from "~/components/button";
import { Command } from "~/components/empty";
import { Time } from "~/components/time";
import { done, failed } from "~/components/toast";
import { api, fetcher, here, type Schemas } from "~/lib/api";
import { counted } from "~/lib/format";
import { now } from "~/lib/now";
import { TONE_PILL, type Tone } from "~/lib/states";

export type Cause = Schemas["Cause"];

const KINDS: Record<Cause["kind"], { word: string; icon: LucideIcon; tone: Tone }> = {
  failed: { word: "Failed", icon: CircleX, tone: "bad" },
  crashed: { word: "Crashed", icon: Unplug, tone: "crash" },
  late: { word: "Late", icon: Clock, tone: "warn" },
  stuck: { word: "Stuck", icon: Hourglass, tone: "warn" },
  asks: { word: "Asks", icon: CircleHelp, tone: "live" },
  worker: { word: "No worker", icon: ServerOff, tone: "bad" },
  source: { word: "Commit", icon: GitCommitHorizontal, tone: "bad" },
};

const NAMED = 3;

/** What needs attention, one row a cause. */
export function Causes({ causes }: { causes: readonly Cause[] }) {
  return (
    <ul className="divide-y divide-line">
      {causes.map((cause) => (
        <CauseRow key={cause.id} cause={cause} />
      ))}
    </ul>
  );
}

function CauseRow({ cause }: { cause: Cause }) {
  const { word, icon: Icon, tone } = KINDS[cause.kind];
  const newest = cause.runs[0];
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2.5 px-4 py-3.5">
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span
            className={`inline-flex items-center gap-1.5 rounded-full py-0.5 pr-2.5 pl-2 font-medium text-xs ${TONE_PILL[tone]}`}
          >
            <Icon size={14} aria-hidden />
            {word}
          </span>
          <Names cause={cause} />
        </p>
        <p className="mt-1.5 break-words font-mono text-[0.8125rem]">{cause.title}</p>
        <p className="mt-1 text-soft text-xs">
          {cause.count > 0 && (
            <>
              {counted(cause.count, "run")}
              {" · "}
            </>
          )}
          <Time at={cause.latest} relative />
          {cause.count > 1 && (
            <>
              {" · since "}
              <Time at={cause.since} />
            </>
          )}
          {cause.mark && <Said mark={cause.mark} />}
        </p>
        {cause.kind === "source" && <Command>turnout follow --status</Command>}
        {cause.kind === "worker" && <Command>{`turnout worker --pool ${cause.pool}`}</Command>}
      </div>
      <div className="flex flex-wrap items-center gap-1.5">
        {newest && (
          <Link to="/runs/$id" params={{ id: newest.id }} className={buttonLook({ size: "small" })}>
            {cause.kind === "failed" || cause.kind === "crashed" ? "See the error" : "See the run"}
          </Link>
        )}
        {(cause.kind === "failed" || cause.kind === "crashed") && <RunAgain cause={cause} />}
        <Marks cause={cause} />
      </div>
    </li>
  );
}

function Names({ cause }: { cause: Cause }) {
  const more = cause.deployments.length - NAMED;
  return (
    <span className="font-semibold">
      {cause.deployments.slice(0, NAMED).join(", ")}
      {more > 0 && <span className="font-normal text-soft"> and {more} more</span>}
    </span>
  );
}

function Said({ mark }: { mark: NonNullable<Cause["mark"]> }) {
  return (
    <>
      {" · "}
      {mark.until ? "left alone until " : "seen "}
      <Time at={mark.until ?? mark.at} /> by {mark.by.replace(/^\w+:/, "")}
    </>
  );
}

/** Runs the newest run of each deployment again, what it had completed reused. */
function RunAgain({ cause }: { cause: Cause }) {
  const [busy, setBusy] = useState(false);
  const many = cause.runs.length > 1;
  const again = async () => {
    setBusy(true);
    const begun: typeof cause.runs = [];
    for (const run of cause.runs) {
      const params = { path: { id: run.id } };
      const { error } = await fetcher.POST("/api/v1/runs/{id}/retry", { params, body: { from_failure: true } });
      if (error) failed(error);
      else begun.push(run);
    }
    if (begun.length > 0) done(<Begun runs={begun} />);
    setBusy(false);
  };
  return (
    <Button
      size="small"
      disabled={busy}
      title={many ? "The newest run of each deployment, from where it failed" : "From where it failed"}
      onClick={again}
    >
      <CirclePlay size={14} aria-hidden />
      {many ? `Run ${cause.runs.length} again` : "Run again"}
    </Button>
  );
}

function Begun({ runs }: { runs: Cause["runs"] }) {
  const [run] = runs;
  if (runs.length > 1 || !run) return <>Running {counted(runs.length, "deployment")} again, from where they failed</>;
  return (
    <>
      Running{" "}
      <Link to="/runs/$id" params={{ id: run.id }} className="font-medium text-accent hover:underline">
        {run.deployment ?? run.name}
      </Link>{" "}
      again, from where it failed
    </>
  );
}

const SNOOZES = [
  { title: "for an hour", hours: 1 },
  { title: "until tomorrow", hours: 24 },
  { title: "for a week", hours: 24 * 7 },
];

function Marks({ cause }: { cause: Cause }) {
  const queries = useQueryClient();
  const settled = { onError: failed, onSuccess: () => queries.invalidateQueries() };
  const mark = api.useMutation("put", "/api/v1/attention/{cause}", settled);
  const unmark = api.useMutation("delete", "/api/v1/attention/{cause}", settled);
  const params = { path: { cause: cause.id }, query: here };
  if (cause.mark && cause.mark.until !== undefined && isQuiet(cause)) {
    return (
      <Button size="small" look="quiet" onClick={() => unmark.mutate({ params })}>
        <Undo2 size={14} aria-hidden />
        Bring back
      </Button>
    );
  }
  return (
    <>
      <Button size="small" look="quiet" onClick={() => mark.mutate({ params, body: {} })}>
        <Check size={14} aria-hidden />
        Acknowledge
      </Button>
      <label className="relative inline-flex h-7 items-center gap-1.5 rounded-md px-2 font-medium text-soft text-xs focus-within:outline-2 focus-within:outline-accent hover:bg-hover hover:text-ink">
        <BellOff size={14} aria-hidden />
        Snooze
        <select
          aria-label={`Snooze: ${cause.title}`}
          className="absolute inset-0 cursor-pointer opacity-0"
          value=""
          onChange={(event) => {
            const hours = Number(event.target.value);
            const until = new Date(now().getTime() + hours * 3_600_000).toISOString();
            mark.mutate({ params, body: { until } });
          }}
        >
          <option value="" disabled>
            Snooze
          </option>
          {SNOOZES.map(({ title, hours }) => (
            <option key={hours} value={hours}>
              {title}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

/** Whether the mark holds: the server's `is_quiet`. */
function isQuiet(cause: Cause): boolean {
  if (!cause.mark) return false;
  if (cause.mark.until) return Date.parse(cause.mark.until) > now().getTime();
  return Date.parse(cause.latest) <= Date.parse(cause.mark.at);
}
