import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Play, Search } from "lucide-react";
import { buttonLook } from "~/components/button";
import { Empty } from "~/components/empty";
import { Input, Select } from "~/components/field";
import { Page } from "~/components/page";
import { Loaded, Panel } from "~/components/panel";
import { RunBars } from "~/components/run-bars";
import { PauseNote, ScheduleSwitch } from "~/components/schedule-switch";
import { State } from "~/components/state";
import { type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import type { Schemas } from "~/lib/api";
import { counted, firstLine } from "~/lib/format";
import { chosen } from "./choosing";
import { deploymentsQuery, SLOTS } from "./query";

type Thing = Schemas["DeployedThing"];

const route = getRouteApi("/deployments");

export default function DeploymentsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const things = useQuery(deploymentsQuery());
  const change = (part: Partial<typeof search>) =>
    navigate({ search: (before) => ({ ...before, ...part }), replace: true });
  const rows = chosen(things.data ?? [], search);
  return (
    <Page title="Deployments" lead="What can run, how it went, and when it runs next.">
      <Panel
        title="All"
        note={things.data && note(rows.length, things.data.length)}
        actions={
          <div className="flex flex-wrap gap-2">
            <span className="relative">
              <Search size={14} aria-hidden className="absolute top-2.25 left-2.5 text-faint" />
              <Input
                type="search"
                aria-label="Find a deployment"
                placeholder="Name, file or tag"
                className="w-52 pl-8"
                value={search.q ?? ""}
                onChange={(event) => change({ q: event.target.value || undefined })}
              />
            </span>
            <Select
              aria-label="Which"
              value={search.only ?? ""}
              onChange={(event) => change({ only: (event.target.value || undefined) as typeof search.only })}
            >
              <option value="">All</option>
              <option value="failing">Last run went wrong</option>
              <option value="paused">Paused</option>
            </Select>
          </div>
        }
      >
        <Loaded query={things} lines={8}>
          {(all) => (
            <Table
              label="Deployments"
              rows={rows}
              columns={COLUMNS}
              id={(thing) => thing.name}
              empty={
                all.length ? (
                  <Empty title="None of them fits" />
                ) : (
                  <Empty title="Nothing is deployed yet" command="turnout apply">
                    Declare flows in turnout.yaml, look at the difference with <code>turnout plan</code>, then apply it.
                  </Empty>
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
  { title: "Deployment", wide: true, cell: (thing) => <Named thing={thing} /> },
  { title: `Last ${SLOTS} runs`, optional: true, cell: (thing) => <RunBars runs={thing.runs} slots={SLOTS} /> },
  { title: "Last run", cell: (thing) => <LastRun thing={thing} /> },
  { title: "Schedule", optional: true, cell: (thing) => <Schedules thing={thing} /> },
  { title: "Next", align: "right", optional: true, cell: (thing) => <Time at={thing.next_run} relative /> },
  { title: "Actions", hidden: true, align: "right", optional: true, cell: (thing) => <RunIt name={thing.name} /> },
];

function Named({ thing }: { thing: Thing }) {
  return (
    <div className="min-w-0">
      <Link to="/deployments/$name" params={{ name: thing.name }} className="font-medium hover:underline">
        {thing.name}
      </Link>
      {thing.title && <span className="ml-2 text-soft">{thing.title}</span>}
      <p className="line-clamp-2 min-w-32 text-soft text-xs">{firstLine(thing.description, 120) || thing.entrypoint}</p>
      {thing.next_run && (
        <p className="text-faint text-xs md:hidden">
          next <Time at={thing.next_run} relative />
        </p>
      )}
    </div>
  );
}

function LastRun({ thing }: { thing: Thing }) {
  const last = thing.runs[0];
  if (!last) return <span className="text-faint">None yet</span>;
  return (
    <Link to="/runs/$id" params={{ id: last.id }} className="block">
      <State state={last.state} name={last.state_name} />
      <span className="mt-0.5 block text-soft text-xs">
        <Time at={last.ended_at ?? last.started_at ?? last.due_at} relative />
      </span>
    </Link>
  );
}

function Schedules({ thing }: { thing: Thing }) {
  if (thing.pause)
    return (
      <span className="text-warn text-xs">
        <PauseNote pause={thing.pause} />
      </span>
    );
  if (!thing.schedules.length) {
    return <span className="text-faint">{thing.after.length ? `After ${thing.after.join(", ")}` : "By hand"}</span>;
  }
  return (
    <ul className="min-w-60 space-y-1.5">
      {thing.schedules.slice(0, 3).map((schedule) => (
        <li key={schedule.slug} className="flex items-start gap-2">
          <ScheduleSwitch deployment={thing.name} schedule={schedule} />
          <span className="min-w-0 text-xs leading-5">
            {schedule.sentence}
            {schedule.pause && (
              <span className="block text-warn">
                <PauseNote pause={schedule.pause} />
              </span>
            )}
          </span>
        </li>
      ))}
      {thing.schedules.length > 3 && <li className="text-faint text-xs">and {thing.schedules.length - 3} more</li>}
    </ul>
  );
}

function RunIt({ name }: { name: string }) {
  return (
    <Link to="/deployments/$name" params={{ name }} search={{ tab: "run" }} className={buttonLook({ size: "small" })}>
      <Play size={12} aria-hidden /> Run<span className="sr-only"> {name}</span>
    </Link>
  );
}

function note(shown: number, all: number): string {
  return shown === all ? counted(all, "deployment") : `${shown} of ${all}`;
}
