import { Search, X } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Select } from "~/components/field";
import { StateIcon } from "~/components/state";
import { STATES } from "~/lib/states";
import { type RunsSearch, SPANS } from "./search";

interface Props {
  search: RunsSearch;
  onChange: (change: Partial<RunsSearch>) => void;
}

const TYPING_MS = 250;
const SHOWN = STATES.filter((state) => state !== "pending" && state !== "cancelling");

/** What the list shows and what it leaves out. A click has a state shown alone or beside others, the next leaves it out,
 * the third forgets it. */
export function Filters({ search, onChange }: Props) {
  return (
    <div className="mb-4 space-y-2.5">
      <div className="flex flex-wrap items-center gap-2">
        <TextField value={search.text ?? ""} onChange={(text) => onChange({ text: text || undefined })} />
        <AddField search={search} onChange={onChange} />
        <Select
          aria-label="How far back"
          value={search.since ?? ""}
          onChange={(event) => onChange({ since: event.target.value || undefined })}
        >
          <option value="">Any time</option>
          {Object.entries(SPANS).map(([key, [words]]) => (
            <option key={key} value={key}>
              {words}
            </option>
          ))}
        </Select>
      </div>
      <div className="flex flex-wrap items-center gap-1.5">
        {SHOWN.map((state) => (
          <StateChip key={state} state={state} search={search} onChange={onChange} />
        ))}
        <Tokens search={search} onChange={onChange} />
      </div>
    </div>
  );
}

function StateChip({ state, search, onChange }: Props & { state: (typeof STATES)[number] }) {
  const shown = search.state?.includes(state) ?? false;
  const left = search.not_state?.includes(state) ?? false;
  const next = () => {
    if (shown) onChange({ state: without(search.state, state), not_state: [...(search.not_state ?? []), state] });
    else if (left) onChange({ not_state: without(search.not_state, state) });
    else onChange({ state: [...(search.state ?? []), state] });
  };
  const look = shown
    ? "border-accent bg-accent-bg text-ink"
    : left
      ? "border-line-strong bg-sunk text-faint line-through"
      : "border-line bg-card text-soft hover:bg-hover";
  return (
    <button
      type="button"
      onClick={next}
      aria-pressed={shown || left ? true : undefined}
      title={
        shown ? "Shown; click to leave it out" : left ? "Left out; click to forget that" : "Click to show it alone"
      }
      className={`inline-flex h-7 items-center gap-1.5 rounded-full border px-2.5 text-xs ${look}`}
    >
      <StateIcon state={state} size={13} />
      {left && <span className="sr-only">not </span>}
      {state}
    </button>
  );
}

function TextField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [typed, setTyped] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setTyped(value), [value]);
  const type = (text: string) => {
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(text.trim()), TYPING_MS);
  };
  return (
    <search className="relative min-w-0 max-sm:w-full">
      <Search size={14} aria-hidden className="absolute top-2.5 left-2.5 text-faint" />
      <input
        value={typed}
        onChange={(event) => type(event.target.value)}
        placeholder="Name, flow or deployment"
        aria-label="Search runs by name, flow or deployment"
        className="h-8 w-64 rounded-md border border-line-strong bg-card pr-2.5 pl-8 placeholder:text-faint max-sm:w-full"
      />
    </search>
  );
}

const KINDS = { tag: "tag", deployment: "deployment" } as const;

/** Adds "tag" or "deployment", shown or, with a minus in front, left out. */
function AddField({ search, onChange }: Props) {
  const [kind, setKind] = useState<keyof typeof KINDS>("tag");
  const [value, setValue] = useState("");
  const add = (event: FormEvent) => {
    event.preventDefault();
    const leave = value.trim().startsWith("-");
    const name = value.trim().replace(/^-\s*/, "");
    if (!name) return;
    if (kind === "tag")
      onChange(leave ? { not_tag: [...(search.not_tag ?? []), name] } : { tag: [...(search.tag ?? []), name] });
    else onChange(leave ? { not_deployment: [...(search.not_deployment ?? []), name] } : { deployment: name });
    setValue("");
  };
  return (
    <form onSubmit={add} className="flex min-w-0">
      <Select
        aria-label="What to filter by"
        className="rounded-r-none border-r-0"
        value={kind}
        onChange={(event) => setKind(event.target.value as keyof typeof KINDS)}
      >
        <option value="tag">Tag</option>
        <option value="deployment">Deployment</option>
      </Select>
      <input
        value={value}
        onChange={(event) => setValue(event.target.value)}
        placeholder="name, or -name"
        aria-label={`A ${kind} to show; with a minus in front, to leave out`}
        className="h-8 w-36 min-w-0 rounded-r-md border border-line-strong bg-card px-2.5 placeholder:text-faint"
      />
    </form>
  );
}

function Tokens({ search, onChange }: Props) {
  const { tag, not_tag, deployment, not_deployment } = search;
  return (
    <>
      {deployment && (
        <Token words={deployment} kind="deployment" onRemove={() => onChange({ deployment: undefined })} />
      )}
      {not_deployment?.map((name) => (
        <Token
          key={name}
          not
          words={name}
          kind="deployment"
          onRemove={() => onChange({ not_deployment: without(not_deployment, name) })}
        />
      ))}
      {tag?.map((name) => (
        <Token key={name} words={name} kind="tag" onRemove={() => onChange({ tag: without(tag, name) })} />
      ))}
      {not_tag?.map((name) => (
        <Token key={name} not words={name} kind="tag" onRemove={() => onChange({ not_tag: without(not_tag, name) })} />
      ))}
    </>
  );
}

function Token({ kind, words, not, onRemove }: { kind: string; words: string; not?: boolean; onRemove: () => void }) {
  return (
    <span
      className={`inline-flex h-7 max-w-full items-center gap-1 rounded-full border pr-1 pl-2.5 text-xs ${not ? "border-line-strong bg-sunk text-soft" : "border-accent bg-accent-bg"}`}
    >
      <span className="truncate">
        {not && "not "}
        {kind}: <span className="font-medium">{words}</span>
      </span>
      <button
        type="button"
        aria-label={`Remove ${kind} ${words}`}
        onClick={onRemove}
        className="rounded-full p-1 hover:bg-hover"
      >
        <X size={12} aria-hidden />
      </button>
    </span>
  );
}

function without<T>(list: readonly T[] | undefined, one: T): T[] | undefined {
  const left = list?.filter((other) => other !== one);
  return left?.length ? left : undefined;
}
