import { useState } from "react";
import { Button } from "~/components/button";
import { Dialog } from "~/components/dialog";
import { Failure, Loaded } from "~/components/panel";
import { beginning, type Schema, SchemaForm, useFormStore } from "~/components/schema-form";
import { done } from "~/components/toast";
import { api, type Schemas } from "~/lib/api";
import { count, counted, shortCommit } from "~/lib/format";

type Preview = Schemas["RerunPreview"];
interface Props {
  run: Schemas["FlowRun"];
  onClose: () => void;
}

/** Running again: what is reused, with which parameters, and which code. */
export function RerunDialog({ run, onClose }: Props) {
  const query = api.useQuery("get", "/api/v1/views/runs/{id}/rerun", { params: { path: { id: run.id } } });
  return (
    <Dialog title={`Run ${run.name} again`} open onClose={onClose} wide>
      <Loaded query={query} lines={5}>
        {(preview) => <Choices run={run} preview={preview} onClose={onClose} again={query.refetch} />}
      </Loaded>
    </Dialog>
  );
}

interface ChoicesProps extends Props {
  preview: Preview;
  /** Look again at what can be done. */
  again: () => unknown;
}

function Choices({ run, preview, onClose, again }: ChoicesProps) {
  const [reuse, setReuse] = useState(true);
  const [newest, setNewest] = useState(false);
  const schema = (newest ? preview.newest_schema : preview.own_schema) as Schema;
  const store = useFormStore(schema, { ...beginning(schema), ...preview.parameters });
  const changed = JSON.stringify(store.state.value) !== JSON.stringify({ ...beginning(schema), ...preview.parameters });
  const retry = api.useMutation("post", "/api/v1/runs/{id}/retry", {
    onSuccess: () => {
      done("A new attempt is on its way");
      onClose();
    },
    onError: () => void again(),
  });
  // What was typed stays, should it have become impossible meanwhile.
  if (!preview.possible && !retry.error) return <p>It cannot be run again: {preview.why_not}.</p>;
  const send = () =>
    retry.mutate({
      params: { path: { id: run.id } },
      body: { from_failure: reuse, newest, ...(changed ? { parameters: store.state.value } : {}) },
    });
  return (
    <form
      className="space-y-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (!store.blocked) send();
      }}
    >
      <fieldset>
        <legend className="mb-1.5 font-medium">What runs</legend>
        <Choice name="reuse" checked={reuse} onChange={() => setReuse(true)} title="From where it failed">
          <Reused preview={preview} changed={changed || newest} />
        </Choice>
        <Choice name="reuse" checked={!reuse} onChange={() => setReuse(false)} title="Everything">
          Every step runs again.
        </Choice>
      </fieldset>
      {preview.newest && (
        <fieldset>
          <legend className="mb-1.5 font-medium">Which code</legend>
          <Choice name="code" checked={!newest} onChange={() => setNewest(false)} title="The same commit">
            <code className="font-mono">{shortCommit(preview.own) || "as it was"}</code>
          </Choice>
          <Choice name="code" checked={newest} onChange={() => setNewest(true)} title="The newest commit">
            <code className="font-mono">{shortCommit(preview.newest)}</code>; steps whose code changed run again
          </Choice>
        </fieldset>
      )}
      <div>
        <p className="mb-1.5 font-medium">Parameters</p>
        <SchemaForm store={store} />
      </div>
      {retry.error != null && (
        <div className="rounded-lg bg-bad-bg">
          <Failure error={preview.possible ? retry.error : meanwhile(preview)} />
        </div>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Not now</Button>
        <Button type="submit" look="primary" disabled={retry.isPending || Boolean(store.blocked)}>
          {reuse ? "Run from where it failed" : "Run everything"}
        </Button>
      </div>
    </form>
  );
}

/** What somebody else did while the form was filled in, in place of the refusal that came of it. */
function meanwhile({ why_not }: Preview) {
  const detail = `It cannot be run again now: ${why_not}`;
  return { status: 409, title: detail, detail, fix: "What you typed is still here; close it to see the run as it is" };
}

function Reused({ preview, changed }: { preview: Preview; changed: boolean }) {
  const reused = total(preview.reused);
  const again = total(preview.again);
  const more = preview.complete ? "" : " or more";
  return (
    <span data-testid="reused">
      {changed && reused ? "Up to " : ""}
      {counted(reused, "step")}
      {more} reused{names(preview.reused)}; {count(again)}
      {more} run again{names(preview.again)}, and whatever was not reached.
      {changed && reused > 0 && " Steps that the changes touch run again, too."}
    </span>
  );
}

interface ChoiceProps {
  name: string;
  checked: boolean;
  onChange: () => void;
  title: string;
  children: React.ReactNode;
}

function Choice({ name, checked, onChange, title, children }: ChoiceProps) {
  return (
    <label className="flex cursor-pointer items-start gap-2.5 rounded-lg px-2 py-1.5 hover:bg-hover">
      <input type="radio" name={name} checked={checked} onChange={onChange} className="mt-1 accent-(--accent)" />
      <span className="min-w-0">
        <span className="font-medium">{title}</span>
        <span className="block break-words text-soft">{children}</span>
      </span>
    </label>
  );
}

function total(steps: Record<string, number>): number {
  return Object.values(steps).reduce((sum, number) => sum + number, 0);
}

function names(steps: Record<string, number>): string {
  const first = Object.entries(steps).filter(([name]) => name);
  if (first.length === 0) return "";
  const shown = first.slice(0, 4).map(([name, number]) => (number > 1 ? `${count(number)} × ${name}` : name));
  return ` (${shown.join(", ")}${first.length > 4 ? " …" : ""})`;
}
