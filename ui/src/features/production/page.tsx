import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Download, Printer } from "lucide-react";
import { Button, buttonLook } from "~/components/button";
import { Empty } from "~/components/empty";
import { Names } from "~/components/facts";
import { Input } from "~/components/field";
import { Page } from "~/components/page";
import { Loaded, Panel } from "~/components/panel";
import { PauseNote } from "~/components/schedule-switch";
import { StateIcon } from "~/components/state";
import { type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import { here, type Schemas } from "~/lib/api";
import { boot } from "~/lib/boot";
import { counted, firstLine, shortCommit } from "~/lib/format";
import { Drift } from "./drift";
import { productionQuery } from "./query";

type Thing = Schemas["DeployedThing"];

const route = getRouteApi("/production");

export default function InProductionPage() {
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const things = useQuery(productionQuery());
  const rows = (things.data ?? []).filter((thing) => matches(thing, q));
  return (
    <Page
      title="In production"
      lead="Everything that runs: from which file, since which commit, by whom."
      actions={
        <>
          <Button onClick={() => print()}>
            <Printer size={14} aria-hidden /> Print
          </Button>
          <a className={buttonLook()} href={csvAddress()} download>
            <Download size={14} aria-hidden /> CSV
          </a>
        </>
      }
    >
      <Drift />
      <Panel
        title={here.environment === "production" ? here.project : `${here.project}, ${here.environment}`}
        note={things.data && totals(things.data)}
        actions={
          <Input
            type="search"
            aria-label="Find"
            placeholder="Find in all columns"
            className="w-56"
            value={q ?? ""}
            onChange={(event) => navigate({ search: { q: event.target.value || undefined }, replace: true })}
          />
        }
      >
        <Loaded query={things} lines={10}>
          {(all) => (
            <Table
              label="In production"
              rows={rows}
              columns={COLUMNS}
              id={(thing) => thing.name}
              empty={
                all.length ? (
                  <Empty title="None of them fits" />
                ) : (
                  <Empty title="Nothing is deployed yet" command="turnout apply" />
                )
              }
            />
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}

const COLUMNS: Column<Thing>[] = [
  {
    title: "Deployment",
    cell: (thing) => (
      <div className="min-w-36">
        <Link to="/deployments/$name" params={{ name: thing.name }} className="font-medium hover:underline">
          {thing.name}
        </Link>
        {thing.title && <span className="ml-2 text-soft">{thing.title}</span>}
        <p className="line-clamp-2 text-soft text-xs">{firstLine(thing.description, 140)}</p>
        <p className="wrap-anywhere font-mono text-faint text-xs md:hidden">{thing.entrypoint}</p>
        <Names names={thing.tags} />
      </div>
    ),
  },
  {
    title: "File",
    optional: true,
    cell: (thing) => (
      <Link
        to="/deployments/$name"
        params={{ name: thing.name }}
        search={{ tab: "code" }}
        className="block min-w-36 wrap-anywhere font-mono text-soft text-xs leading-5 hover:underline"
      >
        {thing.entrypoint}
      </Link>
    ),
  },
  { title: "Runs", cell: (thing) => <WhenItRuns thing={thing} /> },
  { title: "Last success", cell: (thing) => <Health thing={thing} /> },
  { title: "Uses", optional: true, cell: (thing) => <Uses thing={thing} /> },
  { title: "Declared so since", cell: (thing) => <Since thing={thing} /> },
];

function WhenItRuns({ thing }: { thing: Thing }) {
  if (thing.pause) {
    return (
      <span className="text-warn text-xs">
        <PauseNote pause={thing.pause} />
      </span>
    );
  }
  const { schedules, after } = thing;
  if (!schedules.length)
    return <span className="text-soft">{after.length ? `after ${after.join(", ")}` : "by hand"}</span>;
  return (
    <ul className="min-w-28 space-y-0.5 text-xs md:min-w-40">
      {schedules.map((schedule) => (
        <li key={schedule.slug} className={schedule.paused ? "text-warn" : ""}>
          {schedule.sentence}
          {schedule.paused &&
            (schedule.pause ? (
              <>
                {" "}
                (<PauseNote pause={schedule.pause} />)
              </>
            ) : (
              " (paused)"
            ))}
        </li>
      ))}
    </ul>
  );
}

function Health({ thing }: { thing: Thing }) {
  const last = thing.runs[0];
  const good = thing.last_success;
  return (
    <span className="flex items-center gap-1.5 whitespace-nowrap">
      {last && (
        <Link to="/runs/$id" params={{ id: last.id }} title={`The last run: ${last.state_name}`}>
          <StateIcon state={last.state} label />
        </Link>
      )}
      {good ? <Time at={good.ended_at} relative /> : <span className="text-faint">never</span>}
    </span>
  );
}

function Uses({ thing }: { thing: Thing }) {
  const uses: [string, string][] = [["pool", thing.pool]];
  if (thing.connection) uses.push(["connection", thing.connection]);
  if (thing.limits.length) uses.push(["limits", thing.limits.join(", ")]);
  if (thing.concurrency) uses.push(["at once", String(thing.concurrency)]);
  if (thing.secrets.length) uses.push(["secrets", thing.secrets.join(", ")]);
  return (
    <ul className="min-w-28 text-xs">
      {uses.map(([what, names]) => (
        <li key={what}>
          <span className="text-faint">{what}</span> {names}
        </li>
      ))}
    </ul>
  );
}

function Since({ thing }: { thing: Thing }) {
  const { since } = thing;
  if (!since) return <span className="text-faint">long ago</span>;
  return (
    <div className="min-w-24 text-xs">
      <Link to="/changes" search={{ release: since.number }} className="font-mono hover:underline">
        {since.commit ? shortCommit(since.commit) : `release ${since.number}`}
      </Link>
      <p className="text-soft">
        <Time at={since.applied_at} />
        {since.author && <>, {since.author.replace(/ <.*/, "")}</>}
      </p>
    </div>
  );
}

function totals(things: readonly Thing[]): string {
  const schedules = things.flatMap((thing) => thing.schedules);
  const paused = schedules.filter((schedule) => schedule.paused).length;
  const note = paused ? ` (${paused} paused)` : "";
  return `${counted(things.length, "deployment")}, ${counted(schedules.length, "schedule")}${note}`;
}

function matches(thing: Thing, q: string | undefined): boolean {
  const text = JSON.stringify({ ...thing, runs: [], last_success: null }).toLowerCase();
  return (q ?? "")
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function csvAddress(): string {
  return `${boot.base}api/v1/production.csv?${new URLSearchParams({ ...here })}`;
}
