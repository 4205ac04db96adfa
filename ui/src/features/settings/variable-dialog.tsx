import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "~/components/button";
import { Dialog } from "~/components/dialog";
import { Field, Input } from "~/components/field";
import { done, failed } from "~/components/toast";
import { api, here, type Schemas } from "~/lib/api";
import { meaning } from "./meaning";

type Variable = Schemas["StoredValue"];

interface VariableDialogProps {
  /** The one to change; none for a new one. */
  variable?: Variable;
  /** Names that are taken. */
  known: readonly string[];
  onClose: () => void;
}

/** Sets a variable. A text stays a text; what is JSON is told to be, before it is stored. */
export function VariableDialog({ variable, known, onClose }: VariableDialogProps) {
  const queries = useQueryClient();
  const [name, setName] = useState(variable?.name ?? "");
  const [text, setText] = useState(() => written(variable?.content));
  const { value, kind } = meaning(text);
  const taken = !variable && known.includes(name.trim());
  const put = api.useMutation("put", "/api/v1/values/{kind}/{name}", {
    onSuccess: () => {
      done(`${name.trim()} is set`);
      void queries.invalidateQueries();
      onClose();
    },
    onError: failed,
  });
  const save = () => {
    if (!name.trim() || taken || put.isPending) return;
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
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!name.trim() || taken || put.isPending} onClick={save}>
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
          <Field label="Name" error={taken ? "There is one of this name: change that one" : undefined}>
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
      </form>
    </Dialog>
  );
}

/** A value as it would be typed: a text without quotes, unless it would then be something else. */
function written(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string" && meaning(value).value === value) return value;
  return JSON.stringify(value, null, 2);
}
