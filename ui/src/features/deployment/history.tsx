import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button } from "~/components/button";
import { Empty } from "~/components/empty";
import { Loaded, Panel } from "~/components/panel";
import { State } from "~/components/state";
import { type Column, Table } from "~/components/table";
import { Duration, Time } from "~/components/time";
import { fetcher, here, type Schemas } from "~/lib/api";
import { firstLine, shortCommit } from "~/lib/format";

type Run = Schemas["FlowRun"];

const PAGE = 50;

export function History({ detail }: { detail: Schemas["DeploymentDetail"] }) {
  const { name } = detail.thing;
  const runs = useInfiniteQuery({
    queryKey: ["history", name],
    meta: { topics: ["runs"] },
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...here, deployment: name, limit: PAGE, after: pageParam };
      const { data, error } = await fetcher.GET("/api/v1/runs", { params: { query }, signal });
      if (!data) throw error;
      return data;
    },
    getNextPageParam: (page) => page.next ?? undefined,
  });
  return (
    <Panel title="Runs">
      <Loaded query={{ data: runs.data, error: runs.error, refetch: runs.refetch }} lines={8}>
        {({ pages }) => (
          <>
            <Table
              label={`Runs of ${name}`}
              rows={pages.flatMap((page) => page.items)}
              columns={COLUMNS}
              id={(run) => run.id}
              empty={<Empty title="It has not run yet" command={`turnout trigger ${name}`} />}
            />
            {runs.hasNextPage && (
              <div className="border-line border-t p-3 text-center">
                <Button onClick={() => runs.fetchNextPage()} disabled={runs.isFetchingNextPage}>
                  Older runs
                </Button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  );
}

const COLUMNS: Column<Run>[] = [
  {
    title: "Run",
    wide: true,
    cell: (run) => (
      <>
        <Link to="/runs/$id" params={{ id: run.id }} className="font-medium hover:underline">
          {run.name}
        </Link>
        <p className="line-clamp-2 text-soft text-xs">{firstLine(run.wait_reason ?? run.reason, 160)}</p>
      </>
    ),
  },
  { title: "State", cell: (run) => <State state={run.state} name={run.state_name} /> },
  { title: "Started by", optional: true, cell: (run) => <span className="text-soft">{startedBy(run)}</span> },
  {
    title: "Commit",
    optional: true,
    cell: (run) => <code className="font-mono text-soft text-xs">{shortCommit(run.spec.commit)}</code>,
  },
  { title: "Started", align: "right", cell: (run) => <Time at={run.started_at ?? run.due_at} /> },
  {
    title: "Took",
    align: "right",
    optional: true,
    cell: (run) => <Duration from={run.started_at} to={run.ended_at} />,
  },
];

function startedBy(run: Run): string {
  if (run.trigger === "schedule") return run.schedule ? `schedule ${run.schedule}` : "schedule";
  if (run.trigger === "after") return "what it follows";
  return run.created_by.replace(/^[a-z]+:/, "");
}
