import { Undo2 } from "lucide-react";
import { Button } from "~/components/button";
import { Empty } from "~/components/empty";
import { Facts } from "~/components/facts";
import { Loaded, Panel } from "~/components/panel";
import { Time } from "~/components/time";
import { api, here, type Schemas } from "~/lib/api";
import { counted } from "~/lib/format";
import { type Operation, Operations } from "./operations";

type Detail = Schemas["ReleaseDetail"];

export function ReleaseChanges({ number, onBack }: { number: number; onBack: (number: number) => void }) {
  const detail = api.useQuery(
    "get",
    "/api/v1/releases/{number}",
    { params: { path: { number: String(number) }, query: here } },
    { meta: { topics: ["deployments"] }, retry: false },
  );
  const back = detail.data && detail.data.newest !== number && detail.data.code_kept;
  return (
    <div className="min-w-0">
      <Panel
        title={`Release ${number}`}
        padded
        actions={
          back && (
            <Button size="small" onClick={() => onBack(number)}>
              <Undo2 size={14} aria-hidden /> Roll back to it…
            </Button>
          )
        }
      >
        <Loaded query={detail}>{(found) => <About detail={found} />}</Loaded>
      </Panel>
      {detail.data && (
        <Panel title="What it changed" note={counted(detail.data.operations.length, "change")}>
          <Changed detail={detail.data} />
        </Panel>
      )}
    </div>
  );
}

function About({ detail }: { detail: Detail }) {
  const { release } = detail;
  return (
    <>
      {release.message && <p className="mb-3 whitespace-pre-line break-words">{release.message}</p>}
      <Facts
        facts={[
          ["Applied", <Time key="at" at={release.applied_at} />],
          ["By", release.applied_by.replace(/^[a-z]+:/, "")],
          ["Author", release.author?.replace(/ <.*/, "")],
          [
            "Commit",
            release.commit && (
              <code key="commit" className="break-all font-mono text-xs">
                {release.commit}
              </code>
            ),
          ],
          [
            "Before it",
            detail.previous_commit && (
              <code key="before" className="break-all font-mono text-xs">
                {detail.previous_commit}
              </code>
            ),
          ],
          ["Deployments", detail.deployments],
          ["Way back", detail.code_kept ? null : "its code is not kept any more"],
        ]}
      />
    </>
  );
}

function Changed({ detail }: { detail: Detail }) {
  if (detail.previous == null && detail.release.number > 1) {
    return <Empty title="Not known">The release before it is not kept any more.</Empty>;
  }
  if (!detail.operations.length) {
    return (
      <Empty title="Only the code">What is declared stayed as it was; the files are those of another commit.</Empty>
    );
  }
  return <Operations operations={detail.operations as unknown as Operation[]} />;
}
