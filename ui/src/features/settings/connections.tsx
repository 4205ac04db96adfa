import { Empty } from "~/components/empty";
import { Loaded, Panel } from "~/components/panel";
import { type Column, Table } from "~/components/table";
import { api, here, type Schemas } from "~/lib/api";
import { UsedBy } from "./secrets";

type Connection = Schemas["ConnectionStatus"];

export function Connections() {
  const connections = api.useQuery(
    "get",
    "/api/v1/connections",
    { params: { query: here } },
    { meta: { topics: ["deployments"] } },
  );
  return (
    <Panel title="Connections">
      <Loaded query={connections}>
        {(rows) => (
          <Table
            label="Connections"
            rows={rows}
            columns={COLUMNS}
            id={(connection) => connection.name}
            empty={
              <Empty title="No connections are declared">
                SQL files run against a connection: declare one under <code>connections:</code> in turnout.yaml.
              </Empty>
            }
          />
        )}
      </Loaded>
    </Panel>
  );
}

const COLUMNS: Column<Connection>[] = [
  { title: "Name", cell: (connection) => <span className="font-medium">{connection.name}</span> },
  { title: "Type", cell: (connection) => connection.type },
  {
    title: "Options",
    optional: true,
    cell: (connection) => (
      <code className="break-all font-mono text-soft text-xs">
        {Object.entries(connection.options as Record<string, unknown>)
          .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
          .join(", ")}
      </code>
    ),
  },
  { title: "Used by", wide: true, cell: (connection) => <UsedBy names={connection.used_by} /> },
];
