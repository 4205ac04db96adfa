import { CircleCheck, CircleX } from "lucide-react";
import { useState } from "react";
import { Button } from "~/components/button";
import { Empty } from "~/components/empty";
import { Loaded, Panel } from "~/components/panel";
import { type Column, Table } from "~/components/table";
import { api, fetcher, here, type Schemas, said } from "~/lib/api";
import { count } from "~/lib/format";
import { UsedBy } from "./secrets";

type Connection = Schemas["ConnectionStatus"];
type Trial = Schemas["ConnectionTrial"];
/** What came of trying a connection, or that it is under way, or why the server did not try it. */
type Outcome = { trial: Trial } | { error: unknown } | "trying";

export function Connections() {
  const connections = api.useQuery(
    "get",
    "/api/v1/connections",
    { params: { query: here } },
    { meta: { topics: ["deployments"] } },
  );
  const trials = useTrials();
  return (
    <Panel title="Connections">
      <Loaded query={connections}>
        {(rows) => (
          <Table
            label="Connections"
            rows={rows}
            columns={[...COLUMNS, trialColumn(trials)]}
            id={(connection) => connection.name}
            empty={
              <Empty title="No connections are declared">
                SQL files run against a connection: declare one under <code>connections:</code> in turnout.yaml.
              </Empty>
            }
          />
        )}
      </Loaded>
      {connections.data && connections.data.length > 0 && (
        <p className="border-line border-t px-4 py-3 text-soft">
          A test opens the database on the server's machine, for reading. A worker on another machine has a data folder
          of its own: there, <code>turnout connections test NAME --here</code> tries it.
        </p>
      )}
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
      <code className="block min-w-48 break-all font-mono text-soft text-xs">
        {Object.entries(connection.options as Record<string, unknown>)
          .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
          .join(", ")}
      </code>
    ),
  },
  { title: "Used by", cell: (connection) => <UsedBy names={connection.used_by} /> },
];

/** Trials of this visit, by connection. */
function useTrials() {
  const [outcomes, setOutcomes] = useState<Record<string, Outcome>>({});
  const start = async (name: string) => {
    const tell = (outcome: Outcome) => setOutcomes((before) => ({ ...before, [name]: outcome }));
    tell("trying");
    const { data, error } = await fetcher
      .POST("/api/v1/connections/{name}/test", { params: { path: { name }, query: here }, body: {} })
      .catch((error: unknown) => ({ data: undefined, error }));
    tell(data ? { trial: data } : { error });
  };
  return { outcomes, start };
}

function trialColumn({ outcomes, start }: ReturnType<typeof useTrials>): Column<Connection> {
  return {
    title: "Test",
    hidden: true,
    wide: true,
    cell: ({ name }) => {
      const outcome = outcomes[name];
      return (
        <div className="flex min-w-48 max-w-lg flex-col items-start gap-2">
          <Button
            size="small"
            aria-label={`Test ${name}`}
            aria-disabled={outcome === "trying"}
            onClick={() => outcome === "trying" || start(name)}
          >
            {outcome === "trying" ? "Trying…" : "Test"}
          </Button>
          <div role="status" className="wrap-anywhere text-xs">
            {outcome && outcome !== "trying" && <Told outcome={outcome} />}
          </div>
        </div>
      );
    },
  };
}

function Told({ outcome }: { outcome: Exclude<Outcome, "trying"> }) {
  if ("error" in outcome) {
    const { title, fix } = said(outcome.error);
    return <Words good={false} head={title} fix={fix} />;
  }
  const { trial } = outcome;
  const head = trial.ok
    ? `Works: ${trial.version} answered in ${count(Math.max(1, Math.round(trial.seconds * 1000)))} ms`
    : trial.what;
  return <Words good={trial.ok} head={head} fix={trial.ok ? trial.what : trial.fix} where={trial.where} />;
}

interface WordsProps {
  good: boolean;
  head: string;
  fix?: string | null;
  where?: string;
}

function Words({ good, head, fix, where }: WordsProps) {
  const Icon = good ? CircleCheck : CircleX;
  return (
    <>
      <p className={`flex gap-1.5 font-medium ${good ? "text-good" : "text-bad"}`}>
        <Icon size={14} aria-hidden className="mt-px shrink-0" />
        <span className="first-letter:uppercase">{head}</span>
      </p>
      {fix && <p className="text-soft first-letter:uppercase">{fix}</p>}
      {where && <p className="font-mono text-faint">{where}</p>}
    </>
  );
}
