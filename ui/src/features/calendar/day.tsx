import { Link } from "@tanstack/react-router";
import { Loaded, Panel } from "~/components/panel";
import { type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import { api, here, type Schemas } from "~/lib/api";
import { counted, duration, longDay } from "~/lib/format";
import { dayAfter, dayCalled, dayName, zoneName } from "./month";

type Expected = Schemas["Expected"];

/** The runs of one day, in order. */
export function DayPanel({ name, calendar }: { name: string; calendar: Schemas["Calendar"] }) {
  const date = dayCalled(name);
  const title = longDay(date);
  const inside = calendar.expected.filter((run) => dayName(new Date(run.at)) === name);
  if (calendar.shortened) return <Asked date={date} title={title} />;
  return (
    <Panel title={title} note={counted(inside.length, "run")}>
      <Runs runs={inside} />
    </Panel>
  );
}

/** The month has too many runs to list: the day is asked for by itself. */
function Asked({ date, title }: { date: Date; title: string }) {
  const start = new Date(date.getTime() - 1).toISOString();
  const end = new Date(dayAfter(date).getTime() - 1).toISOString();
  const day = api.useQuery(
    "get",
    "/api/v1/calendar",
    { params: { query: { ...here, start, end, timezone: zoneName() } } },
    { meta: { topics: ["deployments"] } },
  );
  return (
    <Panel title={title} note={day.data && counted(day.data.total, "run")}>
      <Loaded query={day}>{(found) => <Runs runs={found.expected} />}</Loaded>
    </Panel>
  );
}

function Runs({ runs }: { runs: readonly Expected[] }) {
  return (
    <div className="max-h-120 overflow-y-auto">
      <Table
        label="Runs of the day"
        rows={runs}
        columns={COLUMNS}
        id={(run) => `${run.at}/${run.deployment}/${run.schedule}`}
        empty={<p className="px-4 py-3.5 text-soft">No schedule starts anything on this day.</p>}
      />
    </div>
  );
}

const COLUMNS: Column<Expected>[] = [
  { title: "Start", cell: (run) => <Time at={run.at} /> },
  {
    title: "Deployment",
    wide: true,
    cell: (run) => (
      <Link to="/deployments/$name" params={{ name: run.deployment }} className="font-medium hover:underline">
        {run.deployment}
      </Link>
    ),
  },
  { title: "Schedule", optional: true, cell: (run) => <span className="text-soft">{run.schedule}</span> },
  {
    title: "Usually takes",
    align: "right",
    cell: (run) => (run.seconds == null ? <span className="text-faint">unknown</span> : duration(run.seconds * 1000)),
  },
];
