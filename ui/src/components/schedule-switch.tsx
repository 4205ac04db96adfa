import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, here, type Schemas } from "~/lib/api";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Field, Input, Switch } from "./field";
import { Time } from "./time";
import { done, failed } from "./toast";

type Schedule = Schemas["ScheduleStatus"];
type Pause = Schemas["Pause"];

/** On while a schedule is followed. Off asks for the reason, which everybody sees beside what waits. */
export function ScheduleSwitch({
  deployment,
  schedule,
  whole,
}: {
  deployment: string;
  schedule: Schedule;
  whole?: Pause | null;
}) {
  const [asking, setAsking] = useState(false);
  const resume = useResume(deployment, schedule.slug);
  const fixed = whole != null || schedule.declared_paused;
  const why = schedule.declared_paused ? "Paused in turnout.yaml" : whole ? "The deployment is paused" : undefined;
  return (
    <span title={why}>
      <Switch
        label={`Schedule ${schedule.slug} of ${deployment}${why ? ` (${why})` : ""}`}
        on={!schedule.paused}
        disabled={fixed || resume.isPending}
        onChange={(on) => (on ? resume.go() : setAsking(true))}
      />
      <PauseDialog deployment={deployment} schedule={schedule.slug} open={asking} onClose={() => setAsking(false)} />
    </span>
  );
}

interface PauseDialogProps {
  deployment: string;
  /** null: the deployment with all of its schedules. */
  schedule: string | null;
  open: boolean;
  onClose: () => void;
}

export function PauseDialog({ deployment, schedule, open, onClose }: PauseDialogProps) {
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  const queries = useQueryClient();
  const pause = api.useMutation("post", "/api/v1/deployments/{name}/pause", {
    onSuccess: () => {
      done(schedule ? `Schedule ${schedule} of ${deployment} is paused` : `${deployment} is paused`);
      setReason("");
      setUntil("");
      // The stream tells every page; this one need not wait for it.
      void queries.invalidateQueries();
      onClose();
    },
  });
  const act = () =>
    pause.mutate({
      params: { path: { name: deployment }, query: here },
      body: { schedule, reason: reason.trim() || null, until: until ? new Date(until).toISOString() : null },
    });
  return (
    <Dialog
      title={schedule ? `Pause schedule ${schedule} of ${deployment}?` : `Pause ${deployment}?`}
      open={open}
      onClose={onClose}
      failure={pause.error}
      footer={
        <>
          <Button onClick={onClose}>Leave it on</Button>
          <Button look="primary" disabled={pause.isPending} onClick={act}>
            Pause
          </Button>
        </>
      }
    >
      <p className="mb-4 text-soft">
        {schedule
          ? "It makes no runs until it is resumed; those that wait are held back. Runs that have begun go on."
          : "Nothing of it starts until it is resumed, whoever asks. Runs that have begun go on."}
      </p>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          act();
        }}
      >
        <Field label="Why?" hint="Shown to everybody, in the plan too. May be left empty.">
          <Input value={reason} maxLength={1000} onChange={(event) => setReason(event.target.value)} />
        </Field>
        <Field label="Until" hint="Then it goes on by itself; until somebody resumes it, if left empty.">
          <Input
            type="datetime-local"
            className="w-fit"
            value={until}
            onChange={(event) => setUntil(event.target.value)}
          />
        </Field>
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

/** Let a schedule, or with null the deployment, go on. */
export function useResume(deployment: string, schedule: string | null) {
  const queries = useQueryClient();
  const resume = api.useMutation("post", "/api/v1/deployments/{name}/resume", {
    onSuccess: () => {
      done(schedule ? `Schedule ${schedule} of ${deployment} goes on` : `${deployment} goes on`);
      void queries.invalidateQueries();
    },
    onError: failed,
  });
  const go = () => resume.mutate({ params: { path: { name: deployment }, query: here }, body: { schedule } });
  return { go, isPending: resume.isPending };
}

/** Who paused something, since when and why. */
export function PauseNote({ pause }: { pause: Pause }) {
  return (
    <>
      paused by {pause.by.replace(/^[a-z]+:/, "")}
      {pause.reason && <>: {pause.reason}</>}
      {pause.until && (
        <>
          {" "}
          (until <Time at={pause.until} />)
        </>
      )}
    </>
  );
}
