import { Link } from "@tanstack/react-router";
import { Empty } from "~/components/empty";
import { Page } from "~/components/page";
import { Loaded, Panel } from "~/components/panel";
import { State } from "~/components/state";
import { type Column, Table } from "~/components/table";
import { Duration, Time } from "~/components/time";
import { api, here, type Schemas } from "~/lib/api";

type Run = Schemas["FlowRun"];

const COLUMNS: Column<Run>[] = [
  {
    title: "Run",
    wide: true,
    cell: (run) => (
      <Link to="/runs/$id" params={{ id: run.id }} className="font-medium hover:underline">
        {run.deployment ?? run.flow_name}
      </Link>
    ),
  },
  { title: "State", cell: (run) => <State state={run.state} name={run.state_name} /> },
  { title: "Started", cell: (run) => <Time at={run.started_at ?? run.due_at} relative />, align: "right" },
  {
    title: "Took",
    cell: (run) => <Duration from={run.started_at} to={run.ended_at} />,
    align: "right",
    optional: true,
  },
];

export default function HomePage() {
  const runs = api.useQuery(
    "get",
    "/api/v1/runs",
    { params: { query: { ...here, limit: 20 } } },
    { meta: { topics: ["runs"] } },
  );
  return (
    <Page title="Home" lead={here.project}>
      <Panel title="Latest runs">
        <Loaded query={runs}>
          {(page) => (
            <Table
              label="Latest runs"
              rows={page.items}
              columns={COLUMNS}
              id={(run) => run.id}
              empty={<Empty title="Nothing has run yet" command="turnout trigger DEPLOYMENT" />}
            />
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}
