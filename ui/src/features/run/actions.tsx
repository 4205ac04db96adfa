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
  return (
    <>
      {!over && run.state !== "cancelling" && <Cancel run={run} />}
      {over && run.pool !== null && <Again run={run} />}
    </>
  );
}

function Again({ run }: { run: Schemas["FlowRun"] }) {
  const [open, setOpen] = useState(false);
  const went = run.state === "completed" || run.state === "skipped";
  const retry = api.useMutation("post", "/api/v1/runs/{id}/retry", {
    onSuccess: () => done("A new attempt is on its way"),
    onError: failed,
  });
  return (
    <>
      <Button onClick={() => setOpen(true)} look={went ? "plain" : "quiet"}>
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
      {open && <RerunDialog run={run} onClose={() => setOpen(false)} />}
    </>
  );
}

function Cancel({ run }: { run: Schemas["FlowRun"] }) {
  const [open, setOpen] = useState(false);
  const cancel = api.useMutation("post", "/api/v1/runs/{id}/cancel", {
    onSuccess: () => done("The run is being cancelled"),
    onError: failed,
    onSettled: () => setOpen(false),
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
