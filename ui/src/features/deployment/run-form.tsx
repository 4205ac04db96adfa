import { getRouteApi, Link } from "@tanstack/react-router";
import { Play } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Button } from "~/components/button";
import { Copy } from "~/components/copy";
import { Field, Input } from "~/components/field";
import { Failure, Panel } from "~/components/panel";
import {
  beginning,
  differing,
  type FormStore,
  initialState,
  type Schema,
  SchemaForm,
  same,
  useFormStore,
  type Values,
  withoutSecrets,
} from "~/components/schema-form";
import { done } from "~/components/toast";
import type { Schemas } from "~/lib/api";
import { dropDraft, keepDraft, keptDraft } from "./kept";
import { Presets } from "./presets";
import { useStart } from "./starting";

type Detail = Schemas["DeploymentDetail"];

const route = getRouteApi("/deployments/$name");
const LONGEST_LINK = 6000;
const KEEP_MS = 300;

/** The form of a run: parameters, presets, a link that fills it in; nothing that was typed is lost on the way. */
export function RunForm({ detail }: { detail: Detail }) {
  const { name } = detail.thing;
  const { values } = route.useSearch();
  const navigate = route.useNavigate();
  const schema = detail.parameter_schema as Schema;
  const [base] = useState(() => beginning(schema, plain(detail.parameters)));
  const [start] = useState(() => ({ ...base, ...values }));
  const origin = JSON.stringify(values ?? {});
  const [restored, setRestored] = useState(() => keptDraft(name, origin));
  const store = useFormStore(schema, () => restored ?? initialState(start));
  const forget = useDraft(name, origin, store, start);

  const begin = useStart(name);
  const [options, setOptions] = useState<Options>({ when: "", title: "" });
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const submit = async () => {
    if (busy || store.blocked) return;
    setBusy(true);
    setFailure(undefined);
    try {
      const parameters = differing(store.state.value, base);
      const answer = await begin({ parameters, due_at: instant(options.when), name: options.title.trim() || null });
      if ("misfits" in answer) {
        store.setMisfits(answer.misfits);
        return;
      }
      forget();
      done(<Link to="/runs/$id" params={{ id: answer.run.id }}>{`Run ${answer.run.name} is made`}</Link>);
      navigate({ to: "/runs/$id", params: { id: answer.run.id } });
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };

  const startOver = () => {
    store.replace(start);
    dropDraft(name);
    setRestored(undefined);
  };
  return (
    <form
      aria-label={`Run ${name}`}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        void submit();
      }}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        void submit();
      }}
    >
      <Panel
        title="Parameters"
        padded
        actions={
          <div className="flex flex-wrap items-center justify-end gap-1">
            <Presets deployment={name} store={store} base={base} />
            <LinkToThis store={store} base={base} />
          </div>
        }
      >
        {restored && (
          <p role="status" className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md bg-live-bg px-3 py-2">
            What you had typed is back.
            <button type="button" onClick={startOver} className="font-medium text-accent hover:underline">
              Start over
            </button>
          </p>
        )}
        <References parameters={detail.parameters as Values} value={store.state.value} />
        <SchemaForm store={store} />
      </Panel>
      <Panel title="When" padded>
        <OptionFields options={options} onChange={setOptions} />
      </Panel>
      {failure !== undefined && (
        <Panel>
          <Failure error={failure} />
        </Panel>
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" look="primary" disabled={busy || store.blocked !== undefined}>
          <Play size={14} aria-hidden /> {busy ? "Starting…" : "Start run"}
        </Button>
        <span className="text-soft text-xs max-md:hidden">Ctrl + Enter</span>
        {detail.thing.pause && <span className="text-warn">It is paused: the run waits until it is resumed.</span>}
      </div>
    </form>
  );
}

interface Options {
  /** As a `datetime-local` control has it; empty for now. */
  when: string;
  title: string;
}

function OptionFields({ options, onChange }: { options: Options; onChange: (options: Options) => void }) {
  return (
    <div className="flex flex-wrap gap-4">
      <Field label="Start" hint="Now, if left empty; else in your time zone.">
        <Input
          type="datetime-local"
          value={options.when}
          onChange={(event) => onChange({ ...options, when: event.target.value })}
        />
      </Field>
      <Field label="Name" hint="Two words are made up if left empty.">
        <Input
          maxLength={200}
          autoComplete="off"
          value={options.title}
          onChange={(event) => onChange({ ...options, title: event.target.value })}
        />
      </Field>
    </div>
  );
}

/** Parameters that turnout.yaml takes from variables: the form leaves them as they are. */
function References({ parameters, value }: { parameters: Values; value: Values }) {
  const found = Object.entries(parameters).filter(([name, each]) => refers(each) && value[name] === undefined);
  if (!found.length) return null;
  return (
    <p className="mb-4 text-soft">
      From variables, unless you set them here:{" "}
      {found.map(([name, each]) => (
        <code key={name} className="mr-2 break-all font-mono text-xs">
          {name}={typeof each === "string" ? each : JSON.stringify(each)}
        </code>
      ))}
    </p>
  );
}

/** A link that leads here with the same values. */
function LinkToThis({ store, base }: { store: FormStore; base: Values }) {
  const values = differing(withoutSecrets(store.state.value, store.schema), base);
  const link = new URL(location.href);
  link.search = new URLSearchParams({ tab: "run", values: JSON.stringify(values) }).toString();
  if (link.href.length > LONGEST_LINK) return null;
  return <Copy text={link.href} label="Copy a link to this form as it is filled in" />;
}

/** Keeps what is typed for this tab: the page may be left in mid-edit, by choice or because the session ended. */
function useDraft(name: string, origin: string, store: FormStore, start: Values): () => void {
  const { state, schema } = store;
  const over = useRef(false);
  const latest = useRef(() => {});
  latest.current = () => {
    if (over.current) return;
    const touched = !same(state.value, start) || state.text !== undefined || Object.keys(state.broken).length > 0;
    if (touched) keepDraft(name, origin, state, schema);
  };
  useEffect(() => {
    const timer = setTimeout(() => latest.current(), KEEP_MS);
    return () => clearTimeout(timer);
  }, [state]);
  useEffect(() => {
    const keep = () => latest.current();
    window.addEventListener("pagehide", keep);
    return () => {
      keep();
      window.removeEventListener("pagehide", keep);
    };
  }, []);
  return () => {
    over.current = true;
    dropDraft(name);
  };
}

/** Without what refers to variables: it is no value yet, and no control fits it. */
function plain(parameters: unknown): Values {
  return Object.fromEntries(Object.entries(parameters as Values).filter(([, value]) => !refers(value)));
}

function refers(value: unknown): boolean {
  return JSON.stringify(value)?.includes("${var:") ?? false;
}

function instant(local: string): string | null {
  return local ? new Date(local).toISOString() : null;
}
