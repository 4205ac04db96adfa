import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Empty } from "~/components/empty";
import { Facts, Names } from "~/components/facts";
import { Panel } from "~/components/panel";
import { RunBars } from "~/components/run-bars";
import { State } from "~/components/state";
import { type Column, Table } from "~/components/table";
import { Duration, Time } from "~/components/time";
import type { Schemas } from "~/lib/api";
import { counted, duration, firstLine, shortCommit } from "~/lib/format";

type Detail = Schemas["DeploymentDetail"];
type Bar = Schemas["RunBar"];

const SLOTS = 50;

export function Overview({ detail }: { detail: Detail }) {
  const { thing } = detail;
  return (
    <>
      <Panel
        title="Latest runs"
        note={detail.usual_seconds != null && `usually ${duration(detail.usual_seconds * 1000)}`}
      >
        {thing.runs.length ? (
          <>
            <div className="border-line border-b px-4 py-3">
              <RunBars runs={thing.runs} slots={SLOTS} height={40} wide />
            </div>
            <Table label="Latest runs" rows={thing.runs.slice(0, 5)} columns={RUNS} id={(run) => run.id} />
          </>
        ) : (
          <Empty title="It has not run yet" command={`turnout trigger ${thing.name}`} />
        )}
      </Panel>
      <div className="grid gap-x-6 lg:grid-cols-[1fr_20rem]">
        <Panel title="What it is" padded>
          <Facts facts={facts(detail)} />
        </Panel>
        <Panel title="Next runs" padded>
          <NextRuns detail={detail} />
        </Panel>
      </div>
    </>
  );
}

/** The next runs of all schedules, or why there are none. */
export function NextRuns({ detail }: { detail: Detail }) {
  const { thing, next_runs, waiting } = detail;
  if (waiting) return <p>{waiting.charAt(0).toUpperCase() + waiting.slice(1)}.</p>;
  if (!next_runs.length) {
    return (
      <p className="text-soft">{thing.schedules.length ? "None: what there is is paused." : "It has no schedule."}</p>
    );
  }
  const several = thing.schedules.length > 1;
  return (
    <ol className="space-y-1.5">
      {next_runs.map((run) => (
        <li key={run.schedule + run.at} className="flex justify-between gap-3">
          <Time at={run.at} />
          <span className="text-right text-soft">{several ? run.schedule : <Time at={run.at} relative />}</span>
        </li>
      ))}
    </ol>
  );
}

const RUNS: Column<Bar>[] = [
  {
    title: "Run",
    wide: true,
    cell: (run) => (
      <Link to="/runs/$id" params={{ id: run.id }} className="font-medium hover:underline">
        {run.name}
      </Link>
    ),
  },
  { title: "State", cell: (run) => <State state={run.state} name={run.state_name} /> },
  { title: "Started", align: "right", cell: (run) => <Time at={run.started_at ?? run.due_at} relative /> },
  {
    title: "Took",
    align: "right",
    optional: true,
    cell: (run) => <Duration from={run.started_at} to={run.ended_at} />,
  },
];

function facts(detail: Detail): [string, ReactNode][] {
  const { thing, deployed } = detail;
  return [
    [
      "File",
      <code key="file" className="font-mono text-[0.8125rem]">
        {thing.entrypoint}
      </code>,
    ],
    ["Flow", thing.flow_name],
    ["Code", <Commit key="code" release={deployed} />],
    ["Declared like this", thing.since ? <Since key="since" since={thing.since} /> : null],
    ["Last success", thing.last_success ? <Time key="good" at={thing.last_success.ended_at} relative /> : "never"],
    ["Pool", thing.pool],
    ["Limits", thing.limits.length ? <Names key="limits" names={thing.limits} /> : null],
    ["At once", thing.concurrency],
    ["Connection", thing.connection],
    ["Secrets", thing.secrets.length ? <Names key="secrets" names={thing.secrets} /> : null],
    ["Runs after", thing.after.length ? <Linked key="after" names={thing.after} /> : null],
    ["Followed by", detail.followers.length ? <Linked key="followers" names={detail.followers} /> : null],
    ["Retries", detail.retries || null],
    ["Timeout", detail.timeout_seconds == null ? null : duration(detail.timeout_seconds * 1000)],
    ["After a crash", detail.on_crash === "resume" ? "goes on by itself" : "stops"],
    ["Missed runs", MISSED[detail.catch_up] ?? detail.catch_up],
    ["Priority", detail.priority || null],
    ["Tags", thing.tags.length ? <Names key="tags" names={thing.tags} /> : null],
  ];
}

const MISSED: Record<string, string> = {
  all: "all are made up for",
  latest: "the latest is made up for",
  none: "are skipped",
};

function Commit({ release }: { release: Schemas["Release"] }) {
  return (
    <>
      <Link to="/changes" search={{ release: release.number }} className="text-accent hover:underline">
        {release.commit ? (
          <code className="font-mono text-[0.8125rem]">{shortCommit(release.commit)}</code>
        ) : (
          `release ${release.number}`
        )}
      </Link>{" "}
      {firstLine(release.message, 80)}
    </>
  );
}

function Since({ since }: { since: Schemas["Release"] }) {
  return (
    <>
      since <Time at={since.applied_at} />,{" "}
      <Link to="/changes" search={{ release: since.number }} className="text-accent hover:underline">
        release {since.number}
      </Link>
      {since.author && ` by ${since.author.replace(/ <.*/, "")}`}
    </>
  );
}

function Linked({ names }: { names: readonly string[] }) {
  return (
    <span className="flex flex-wrap gap-x-3" title={counted(names.length, "deployment")}>
      {names.map((name) => (
        <Link key={name} to="/deployments/$name" params={{ name }} className="text-accent hover:underline">
          {name}
        </Link>
      ))}
    </span>
  );
}
