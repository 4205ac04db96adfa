import { Button } from "~/components/button";
import { Dialog } from "~/components/dialog";
import { Loaded } from "~/components/panel";
import { done } from "~/components/toast";
import { api, here } from "~/lib/api";
import { type Operation, Operations } from "./operations";

interface RollbackPlan {
  release: { number: number };
  plan: { release: number | null; operations: Operation[]; pending_runs: Record<string, unknown[]> };
}

/** What going back would change, and the button that does it: refused when somebody else deployed meanwhile. */
export function RollbackDialog({ number, onClose }: { number: number; onClose: () => void }) {
  const query = api.useQuery(
    "get",
    "/api/v1/rollback",
    { params: { query: { ...here, number } } },
    { staleTime: 0, gcTime: 0, retry: false },
  );
  const plan = query.data as RollbackPlan | undefined;
  const roll = api.useMutation("post", "/api/v1/rollback", {
    onSuccess: () => {
      done(`Release ${number} is deployed again`);
      onClose();
    },
    // Somebody else deployed meanwhile: what going back would change is another thing now.
    onError: () => void query.refetch(),
  });
  return (
    <Dialog
      title={`Roll back to release ${number}?`}
      open
      wide
      onClose={onClose}
      failure={roll.error}
      footer={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button
            look="danger"
            disabled={!plan || roll.isPending}
            onClick={() =>
              roll.mutate({ params: { query: here }, body: { number, expected_release: plan?.plan.release } })
            }
          >
            Roll back
          </Button>
        </>
      }
    >
      <p className="mb-3 text-soft">
        What release {number} declared, and its code, become a new release at once. Runs that have begun go on with the
        code that they began with.
      </p>
      <Loaded query={{ data: plan, error: query.error, refetch: query.refetch }}>
        {(found) => (
          <>
            <Dropped pending={found.plan.pending_runs} />
            <div className="rounded-lg border border-line">
              {found.plan.operations.length ? (
                <Operations operations={found.plan.operations} />
              ) : (
                <p className="px-4 py-3">Only the code changes.</p>
              )}
            </div>
          </>
        )}
      </Loaded>
    </Dialog>
  );
}

function Dropped({ pending }: { pending: Record<string, unknown[]> }) {
  const touched = Object.entries(pending).filter(([, runs]) => runs.length > 0);
  if (!touched.length) return null;
  return (
    <p className="mb-3 rounded-md bg-warn-bg px-3 py-2 text-warn">
      Runs that wait are skipped: {touched.map(([name, runs]) => `${runs.length} of ${name}`).join(", ")}.
    </p>
  );
}
