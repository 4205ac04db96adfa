import { Link } from "@tanstack/react-router";
import { Command, Empty } from "~/components/empty";
import { Loaded, Panel } from "~/components/panel";
import { type Column, Table } from "~/components/table";
import { api, here, type Schemas } from "~/lib/api";

type Secret = Schemas["SecretStatus"];

export function Secrets() {
  const secrets = api.useQuery(
    "get",
    "/api/v1/secrets",
    { params: { query: here } },
    { meta: { topics: ["deployments"] } },
  );
  const first = secrets.data?.[0];
  return (
    <>
      <Panel title="Secrets">
        <Loaded query={secrets}>
          {(rows) => (
            <Table
              label="Secrets"
              rows={rows}
              columns={COLUMNS}
              id={(secret) => secret.name}
              empty={
                <Empty title="No secrets are declared">
                  Declare their names under <code>secrets:</code> in turnout.yaml, and name them at the deployments that
                  need them.
                </Empty>
              }
            />
          )}
        </Loaded>
      </Panel>
      <Panel title="Where the values are" padded>
        <p className="max-w-prose">
          Not on this server: it knows names only. A value is on the machine of each worker that needs it, in the
          worker's environment or in a file that nobody else can read. Set it there; it is asked for without an echo:
        </p>
        <Command>{`turnout secret set ${first ? `${first.name}.${first.fields[0] ?? "FIELD"}` : "NAME.FIELD"}`}</Command>
      </Panel>
    </>
  );
}

const COLUMNS: Column<Secret>[] = [
  { title: "Name", cell: (secret) => <span className="font-medium">{secret.name}</span> },
  {
    title: "Fields",
    cell: (secret) => <code className="font-mono text-[0.8125rem]">{secret.fields.join(", ")}</code>,
  },
  { title: "Used by", wide: true, cell: (secret) => <UsedBy names={secret.used_by} /> },
];

export function UsedBy({ names }: { names: readonly string[] }) {
  if (!names.length) return <span className="text-faint">nothing</span>;
  return (
    <span className="flex flex-wrap gap-x-3">
      {names.map((name) => (
        <Link key={name} to="/deployments/$name" params={{ name }} className="hover:underline">
          {name}
        </Link>
      ))}
    </span>
  );
}
