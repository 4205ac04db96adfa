import { useQueryClient } from "@tanstack/react-query";
import { Button } from "~/components/button";
import { Panel } from "~/components/panel";
import { Time } from "~/components/time";
import { done, failed } from "~/components/toast";
import { api, here } from "~/lib/api";

/** What people changed on the server: see `GET /api/v1/drift`. */
export interface Outcome {
  override: {
    kind: "pause" | "parameter" | "variable";
    name: string;
    key: string | null;
    value: unknown;
    at: string;
    by: string;
    reason: string | null;
    until: string | null;
  };
  declared: unknown;
  kept: boolean;
  why: string | null;
}

/** What holds on the server and not in the repository; nothing while they are the same. */
export function Drift() {
  const drift = api.useQuery(
    "get",
    "/api/v1/drift",
    { params: { query: here } },
    { meta: { topics: ["deployments", "values"] } },
  );
  const rows = (drift.data ?? []) as unknown as Outcome[];
  if (!rows.length) return null;
  return (
    <Panel title="Changed on the server" note="and not in the repository">
      <ul>
        {rows.map((row) => (
          <Row key={JSON.stringify([row.override.kind, row.override.name, row.override.key])} outcome={row} />
        ))}
      </ul>
    </Panel>
  );
}

function Row({ outcome }: { outcome: Outcome }) {
  const { override, declared, why } = outcome;
  const drop = useDrop(outcome);
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 border-line border-b px-4 py-3 last:border-b-0">
      <div className="min-w-0 flex-1 wrap-anywhere">
        <p>
          <Subject outcome={outcome} />
          {override.kind !== "pause" && (
            <>
              {" is "}
              <code className="font-mono text-[0.8125rem]">{JSON.stringify(override.value)}</code>
              {", in the repository "}
              <code className="font-mono text-[0.8125rem] text-soft">{JSON.stringify(declared ?? null)}</code>
            </>
          )}
        </p>
        <p className="text-soft text-xs">
          {override.by.replace(/^[a-z]+:/, "")}, <Time at={override.at} relative />
          {override.reason && <>: {override.reason}</>}
          {override.until && (
            <>
              ; until <Time at={override.until} />
            </>
          )}
          {why && <span className="text-warn">; the next apply drops it: {why}</span>}
        </p>
      </div>
      <Button size="small" disabled={drop.isPending} onClick={drop.go}>
        {override.kind === "pause" ? "Resume" : "Drop"}
      </Button>
    </li>
  );
}

function Subject({ outcome: { override } }: { outcome: Outcome }) {
  const { kind, name, key } = override;
  if (kind === "variable") return <>Variable {name}</>;
  if (kind === "parameter")
    return (
      <>
        Parameter {key} of {name}
      </>
    );
  return (
    <>
      {name}
      {key ? `, schedule ${key},` : ""} is paused
    </>
  );
}

/** Lets what the repository says hold again. */
function useDrop({ override }: Outcome) {
  const queries = useQueryClient();
  const told = {
    onSuccess: () => {
      done("What the repository says holds again");
      void queries.invalidateQueries();
    },
    onError: failed,
  };
  const resume = api.useMutation("post", "/api/v1/deployments/{name}/resume", told);
  const drop = api.useMutation("delete", "/api/v1/overrides", told);
  const { kind, name, key } = override;
  const go = () =>
    kind === "pause"
      ? resume.mutate({ params: { path: { name }, query: here }, body: { schedule: key } })
      : drop.mutate({ params: { query: { ...here, kind, name, key } } });
  return { go, isPending: resume.isPending || drop.isPending };
}
