import { CircleStop, RotateCcw, SlidersHorizontal } from "lucide-react";
import { useState } from "react";
import { Button } from "~/components/button";
import { Dialog } from "~/components/dialog";
import { done, failed } from "~/components/toast";
import { api, type Schemas } from "~/lib/api";
import { isFinal } from "~/lib/states";
import { RerunDialog } from "./rerun";

/** What can be done with a run as it is now. */
export function Actions({ seen }: { seen: Schemas["RunOverview"] }) {
  const { run } = seen;
  const over = isFinal(run.state);
  const [choosing, setChoosing] = useState(false);
  return (
    <>
      {!over && run.state !== "cancelling" && <Cancel run={run} />}
      {over && run.pool !== null && <Again run={run} choose={() => setChoosing(true)} />}
      {/* Stays, with what was typed, when somebody else runs it again meanwhile. */}
      {choosing && <RerunDialog run={run} onClose={() => setChoosing(false)} />}
    </>
  );
}

function Again({ run, choose }: { run: Schemas["FlowRun"]; choose: () => void }) {
  const went = run.state === "completed" || run.state === "skipped";
  const retry = api.useMutation("post", "/api/v1/runs/{id}/retry", {
    onSuccess: () => done("A new attempt is on its way"),
    onError: failed,
  });
  return (
    <>
      <Button onClick={choose} look={went ? "plain" : "quiet"}>
        <SlidersHorizontal size={14} aria-hidden /> {went ? "Run again…" : "With changes…"}
      </Button>
      {!went && (
        <Button
          look="primary"
          disabled={retry.isPending}
          onClick={() => retry.mutate({ params: { path: { id: run.id } }, body: { from_failure: true } })}
        >
          <RotateCcw size={14} aria-hidden /> Re-run from failed
        </Button>
      )}
    </>
  );
}

function Cancel({ run }: { run: Schemas["FlowRun"] }) {
  const [open, setOpen] = useState(false);
  const cancel = api.useMutation("post", "/api/v1/runs/{id}/cancel", {
    onSuccess: () => {
      done("The run is being cancelled");
      setOpen(false);
    },
  });
  return (
    <>
      <Button look="danger" onClick={() => setOpen(true)}>
        <CircleStop size={14} aria-hidden /> Cancel
      </Button>
      <Dialog
        title={`Cancel ${run.name}?`}
        open={open}
        onClose={() => setOpen(false)}
        failure={cancel.error}
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Keep it</Button>
            <Button
              look="danger"
              disabled={cancel.isPending}
              onClick={() => cancel.mutate({ params: { path: { id: run.id } }, body: {} })}
            >
              Cancel the run
            </Button>
          </>
        }
      >
        <p>
          {run.state === "scheduled"
            ? "It has not started and never will."
            : "Its process is told to stop, and is ended if it does not. What it did stays done."}
        </p>
      </Dialog>
    </>
  );
}
