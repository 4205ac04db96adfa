import { Empty, serverAddress } from "~/components/empty";
import { Page } from "~/components/page";
import { Loaded, Panel } from "~/components/panel";
import { type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import { api, here, type Schemas } from "~/lib/api";
import { counted } from "~/lib/format";
import { Limits } from "./limits";

type Pool = Schemas["PoolStatus"];
type Worker = Schemas["Worker"];

export default function WhereItRunsPage() {
  return (
    <Page title="Where it runs" lead="Workers and their pools; limits, who holds them and who waits.">
      <Pools />
      <Workers />
      <Limits />
    </Page>
  );
}

function Pools() {
  const pools = api.useQuery(
    "get",
    "/api/v1/pools",
    { params: { query: here } },
    { meta: { topics: ["workers", "deployments", "runs"] } },
  );
  return (
    <Panel title="Pools">
      <Loaded query={pools}>
        {(rows) => (
          <Table
            label="Pools"
            rows={rows}
            columns={POOLS}
            id={(pool) => pool.name}
            empty={<Empty title="No deployment uses a pool yet" command="turnout apply" />}
          />
        )}
      </Loaded>
    </Panel>
  );
}

const POOLS: Column<Pool>[] = [
  {
    title: "Pool",
    cell: (pool) => (
      <>
        <span className="font-medium">{pool.name}</span> <span className="text-soft text-xs">{pool.type}</span>
      </>
    ),
  },
  {
    title: "Used by",
    wide: true,
    optional: true,
    cell: (pool) => <span className="line-clamp-2 text-soft">{pool.deployments.join(", ") || "nothing"}</span>,
  },
  {
    title: "Workers",
    cell: (pool) =>
      pool.online ? (
        <span className="whitespace-nowrap text-good">{pool.online} online</span>
      ) : (
        <span className={pool.deployments.length ? "text-bad" : "text-faint"}>none online</span>
      ),
  },
  { title: "Places taken", cell: (pool) => <Meter taken={pool.taken} of={pool.places} /> },
  {
    title: "At most",
    align: "right",
    optional: true,
    cell: (pool) => pool.concurrency ?? <span className="text-faint">–</span>,
  },
];

/** How much of something is taken. */
function Meter({ taken, of }: { taken: number; of: number }) {
  if (!of) return <span className="text-faint">–</span>;
  return (
    <span className="flex items-center gap-2 whitespace-nowrap">
      <span aria-hidden className="h-1.5 w-16 overflow-hidden rounded-full bg-sunk">
        <span
          className="block h-full rounded-full bg-accent"
          style={{ width: `${Math.min(100, (taken / of) * 100)}%` }}
        />
      </span>
      {taken} of {of}
    </span>
  );
}

function Workers() {
  const workers = api.useQuery("get", "/api/v1/workers", {}, { meta: { topics: ["workers"] } });
  const mine = workers.data?.filter((worker) => worker.project === here.project || worker.project === "*");
  const online = mine?.filter((worker) => worker.state === "online") ?? [];
  const gone = mine?.filter((worker) => worker.state !== "online") ?? [];
  return (
    <Panel title="Workers" note={mine && `${online.length} online`}>
      <Loaded query={{ ...workers, data: mine }}>
        {() => (
          <>
            <Table
              label="Workers that are online"
              rows={online}
              columns={WORKERS}
              id={(worker) => worker.id}
              empty={
                <Empty title="No worker is online" command={`TURNOUT_SERVER=${serverAddress()} turnout worker`}>
                  Runs wait until there is one. On the server's own machine <code>turnout worker</code> is enough; on
                  another one it needs a token of its pool.
                </Empty>
              }
            />
            {gone.length > 0 && (
              <details className="border-line border-t">
                <summary className="px-4 py-2.5 text-soft hover:text-ink">
                  {counted(gone.length, "worker")} not heard of any more
                </summary>
                <Table label="Workers that are gone" rows={gone} columns={WORKERS} id={(worker) => worker.id} />
              </details>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  );
}

const WORKERS: Column<Worker>[] = [
  {
    title: "Worker",
    wide: true,
    cell: (worker) => (
      <span className="flex items-center gap-2">
        <span
          aria-hidden
          className={`size-2 shrink-0 rounded-full ${worker.state === "online" ? "bg-good" : "bg-wait"}`}
        />
        <span className="font-medium">{worker.name}</span>
        <span className="sr-only">{worker.state}</span>
      </span>
    ),
  },
  { title: "Pool", cell: (worker) => worker.pool },
  { title: "Places", align: "right", cell: (worker) => worker.capacity },
  { title: "Version", optional: true, cell: (worker) => <span className="text-soft">{worker.version}</span> },
  { title: "Since", optional: true, align: "right", cell: (worker) => <Time at={worker.started_at} /> },
  { title: "Last heard of", align: "right", cell: (worker) => <Time at={worker.seen_at} relative /> },
];
