import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "~/components/button";
import { Dialog } from "~/components/dialog";
import { Field, Input } from "~/components/field";
import { done } from "~/components/toast";
import { api, here, type Schemas } from "~/lib/api";
import { firstLine } from "~/lib/format";
import { meaning } from "./meaning";

type Variable = Schemas["StoredValue"];

interface VariableDialogProps {
  /** The one to change; none for a new one. */
  variable?: Variable;
  /** Whether turnout.yaml declares it: then the value holds beside the file's, with a reason and an end. */
  declared: boolean;
  /** All as they are now: somebody else may set one while it is changed here. */
  known: readonly Variable[];
  onClose: () => void;
}

/** Sets a variable. A text stays a text; what is JSON is told to be, before it is stored. */
export function VariableDialog({ variable, declared, known, onClose }: VariableDialogProps) {
  const queries = useQueryClient();
  const [name, setName] = useState(variable?.name ?? "");
  const [text, setText] = useState(() => written(variable?.content));
  const { value, kind } = meaning(text);
  const there = known.find((one) => one.name === name.trim());
  const taken = !variable && there !== undefined;
  const moved = variable && there && there.changed_at !== variable.changed_at ? there : undefined;
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  const told = {
    onSuccess: () => {
      done(`${name.trim()} is set`);
      void queries.invalidateQueries();
      onClose();
    },
    // Should somebody else have been first, the list tells what there is now.
    onError: () => void queries.invalidateQueries(),
  };
  const put = api.useMutation("put", "/api/v1/values/{kind}/{name}", told);
  const override = api.useMutation("post", "/api/v1/overrides", told);
  const busy = put.isPending || override.isPending;
  const save = () => {
    if (!name.trim() || taken || busy) return;
    if (declared) {
      const end = until ? new Date(until).toISOString() : null;
      const body = { kind: "variable" as const, name, value, reason: reason.trim() || null, until: end };
      return override.mutate({ params: { query: here }, body });
    }
    put.mutate({
      params: { path: { kind: "variable", name: name.trim() }, query: here },
      body: { content: value, tags: [...(variable?.tags ?? [])], replace: variable !== undefined },
    });
  };
  return (
    <Dialog
      title={variable ? `Change ${variable.name}` : "Set a variable"}
      open
      onClose={onClose}
      failure={taken ? undefined : (put.error ?? override.error)}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!name.trim() || taken || busy} onClick={save}>
            Set
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        {!variable && (
          <Field label="Name" error={taken ? `${nowIs(there)} Change that one, or choose another name.` : undefined}>
            <Input value={name} maxLength={255} autoComplete="off" onChange={(event) => setName(event.target.value)} />
          </Field>
        )}
        <Field label="Value" hint={`Stored as ${kind}. For a text that looks like one, put it in quotes.`}>
          <textarea
            rows={Math.min(12, Math.max(3, text.split("\n").length))}
            spellCheck={false}
            className="rounded-md border border-line-strong bg-card px-2.5 py-1.5 font-mono text-[0.8125rem]"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        {moved && (
          <p role="status" className="rounded-md bg-warn-bg px-3 py-2 text-warn wrap-anywhere">
            {nowIs(moved)} What you set takes its place.
          </p>
        )}
        {declared && (
          <>
            <p className="text-soft">
              turnout.yaml declares it: this value holds in its place, is shown in every plan, and goes once the file
              says the same.
            </p>
            <Field label="Why?">
              <Input value={reason} maxLength={1000} onChange={(event) => setReason(event.target.value)} />
            </Field>
            <Field label="Until" hint="Until somebody takes it back, if left empty.">
              <Input
                type="datetime-local"
                className="w-fit"
                value={until}
                onChange={(event) => setUntil(event.target.value)}
              />
            </Field>
          </>
        )}
      </form>
    </Dialog>
  );
}

/** What a variable is now, and who made it so. */
function nowIs({ content, changed_by }: Variable): string {
  return `It was set to ${firstLine(JSON.stringify(content), 80)} by ${changed_by.replace(/^[a-z]+:/, "")}.`;
}

/** A value as it would be typed: a text without quotes, unless it would then be something else. */
function written(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string" && meaning(value).value === value) return value;
  return JSON.stringify(value, null, 2);
}
