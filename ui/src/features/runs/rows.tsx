import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { State } from "~/components/state";
import { type Column, Table } from "~/components/table";
import { Duration, Time } from "~/components/time";
import type { Schemas } from "~/lib/api";
import { firstLine, shortCommit } from "~/lib/format";

type Row = Schemas["RunRow"];

const BY: Record<string, string> = { schedule: "schedule", after: "chain", script: "script" };

const COLUMNS: Column<Row>[] = [
  { title: "State", cell: (row) => <State state={row.state} name={row.state_name} /> },
  {
    title: "Run",
    wide: true,
    cell: (row) => (
      <div className="min-w-40">
        <Link to="/runs/$id" params={{ id: row.id }} className="break-words font-medium hover:underline">
          {row.deployment ?? row.flow_name} <span className="font-normal text-faint">/ {row.name}</span>
        </Link>
        {(row.why || row.parameters !== "{}") && (
          <p
            className={`line-clamp-2 break-words text-xs ${row.state === "failed" || row.state === "crashed" ? "text-bad" : "text-soft"}`}
          >
            {row.why ? firstLine(row.why) : row.parameters}
          </p>
        )}
        {row.tags.length > 0 && (
          <p className="mt-0.5 flex flex-wrap gap-1">
            {row.tags.slice(0, 6).map((tag) => (
              <span key={tag} className="max-w-40 truncate rounded bg-wait-bg px-1.5 text-[0.6875rem] text-soft">
                {tag}
              </span>
            ))}
          </p>
        )}
      </div>
    ),
  },
  { title: "Started", cell: (row) => <Time at={row.started_at ?? row.due_at} relative /> },
  {
    title: "Took",
    optional: true,
    cell: (row) => (row.started_at ? <Duration from={row.started_at} to={row.ended_at} /> : <Dash />),
  },
  {
    title: "By",
    optional: true,
    cell: (row) => (
      <span className="whitespace-nowrap text-soft">
        {BY[row.trigger] ?? row.created_by.replace(/^(session|admin|local):/, "")}
      </span>
    ),
  },
  {
    title: "Commit",
    optional: true,
    cell: (row) => (row.commit ? <code className="font-mono text-xs">{shortCommit(row.commit)}</code> : <Dash />),
  },
];

export function RunTable({ rows, empty }: { rows: readonly Row[]; empty: ReactNode }) {
  return <Table rows={rows} columns={COLUMNS} id={(row) => row.id} label="Runs" empty={empty} />;
}

function Dash() {
  return <span className="text-faint">–</span>;
}
