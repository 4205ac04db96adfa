import { Plus, X } from "lucide-react";
import { type ClipboardEvent, type KeyboardEvent, type RefObject, useRef } from "react";
import { Button } from "~/components/button";
import { Input } from "~/components/field";
import { counted } from "~/lib/format";
import type { GroupProps } from "./field-props";
import { JsonText } from "./json";
import { blank, type Schema, shapeOf } from "./schema";
import { keyOf } from "./values";

/** Longer lists are edited as JSON: thousands of controls are of no use to anybody. */
export const MOST_ITEMS = 100;

/** A list, an item a row. In a list of texts Enter adds a row, and pasted lines become rows. */
export function ListControl({
  store,
  path,
  id,
  label,
  depth,
  Field,
  item,
  items,
}: GroupProps & { item: Schema; items: unknown[] }) {
  const box = useRef<HTMLDivElement>(null);
  if (items.length > MOST_ITEMS)
    return <LongValue {...{ store, path, id, label }} value={items} count={items.length} />;
  const texts = shapeOf(item, store.schema, depth).kind === "text";
  const replace = (next: unknown[]) => store.set(path, next);
  const add = (at = items.length) => {
    replace([...items.slice(0, at), blank(item, store.schema, depth) ?? null, ...items.slice(at)]);
    focusRow(box, at);
  };
  const remove = (at: number) => {
    replace(items.filter((_, other) => other !== at));
    focusRow(box, Math.max(0, at - 1));
  };
  const rows = texts ? { onPaste: (at: number, event: ClipboardEvent) => paste(at, event, items, replace) } : undefined;
  return (
    <div ref={box}>
      {items.map((_, at) => (
        <fieldset
          key={at}
          className="mb-1.5 flex items-start gap-1.5"
          onPaste={rows && ((event) => rows.onPaste(at, event))}
          onKeyDown={texts ? (event) => addOnEnter(event, () => add(at + 1)) : undefined}
        >
          <div className="min-w-0 flex-1">
            <Field
              {...{ store, schema: item, depth: depth + 1 }}
              path={[...path, at]}
              label={`${label} ${at + 1}`}
              required
              bare
            />
          </div>
          <Remove label={`${label} ${at + 1}`} onClick={() => remove(at)} />
        </fieldset>
      ))}
      <Button id={id} aria-label={`Add to ${label}`} size="small" onClick={() => add()}>
        <Plus size={14} aria-hidden /> Add
      </Button>
      {items.length === 0 && <span className="ml-2 text-soft">An empty list</span>}
    </div>
  );
}

/** A list of a fixed number of values. */
export function TupleControl({ store, path, label, depth, Field, items }: GroupProps & { items: Schema[] }) {
  return (
    <div className="flex flex-wrap gap-2">
      {items.map((schema, at) => (
        <Field
          key={at}
          {...{ store, schema, depth: depth + 1 }}
          path={[...path, at]}
          label={`${label} ${at + 1}`}
          required
          bare
        />
      ))}
    </div>
  );
}

/** Values under names that are free. */
export function MapControl({
  store,
  path,
  id,
  label,
  depth,
  Field,
  item,
  entries,
}: GroupProps & { item: Schema; entries: Record<string, unknown> }) {
  const box = useRef<HTMLDivElement>(null);
  const names = Object.keys(entries);
  if (names.length > MOST_ITEMS)
    return <LongValue {...{ store, path, id, label }} value={entries} count={names.length} />;
  const rename = (from: string, to: string) => {
    if (to in entries) return;
    store.set(path, Object.fromEntries(names.map((name) => [name === from ? to : name, entries[name]])));
  };
  const add = () => {
    store.set([...path, freeName(entries)], blank(item, store.schema, depth) ?? null);
    focusRow(box, names.length);
  };
  return (
    <div ref={box}>
      {names.map((name, at) => (
        <fieldset key={at} className="mb-1.5 flex items-start gap-1.5">
          <Input
            aria-label={`Name in ${label}`}
            className="w-40"
            value={name}
            onChange={(event) => rename(name, event.target.value)}
          />
          <div className="min-w-0 flex-1">
            <Field
              {...{ store, schema: item, depth: depth + 1 }}
              path={[...path, name]}
              label={`${label}: ${name}`}
              required
              bare
            />
          </div>
          <Remove label={`${label}: ${name}`} onClick={() => store.set([...path, name], undefined)} />
        </fieldset>
      ))}
      <Button id={id} aria-label={`Add to ${label}`} size="small" onClick={add}>
        <Plus size={14} aria-hidden /> Add
      </Button>
      {names.length === 0 && <span className="ml-2 text-soft">Nothing in it</span>}
    </div>
  );
}

interface LongProps extends Pick<GroupProps, "store" | "path" | "id" | "label"> {
  value: unknown;
  count: number;
}

function LongValue({ store, path, id, label, value, count }: LongProps) {
  return (
    <div>
      <p className="mb-1 text-soft text-xs">{counted(count, "item")}: more than rows are shown for.</p>
      <JsonText
        id={id}
        label={label}
        value={value}
        broken={store.state.broken[keyOf(path)]}
        onChange={(next) => store.set(path, next)}
        onBroken={(text) => store.setBroken(path, text)}
      />
    </div>
  );
}

function Remove({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button
      type="button"
      aria-label={`Remove ${label}`}
      onClick={onClick}
      className="rounded p-2 text-faint hover:bg-hover hover:text-ink"
    >
      <X size={16} aria-hidden />
    </button>
  );
}

function addOnEnter(event: KeyboardEvent, add: () => void): void {
  const control = event.target as HTMLElement;
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || control.tagName !== "INPUT") return;
  event.preventDefault();
  add();
}

function paste(at: number, event: ClipboardEvent, items: unknown[], replace: (items: unknown[]) => void): void {
  const lines = event.clipboardData
    .getData("text")
    .split(/\r?\n/)
    .map((line) => line.trim());
  const given = lines.filter(Boolean);
  if (given.length < 2) return;
  event.preventDefault();
  const before = items[at] ? items.slice(0, at + 1) : items.slice(0, at);
  replace([...before, ...given, ...items.slice(at + 1)]);
}

function focusRow(box: RefObject<HTMLDivElement | null>, at: number): void {
  // After the row is there.
  requestAnimationFrame(() => {
    const place = box.current?.querySelectorAll(":scope > fieldset")[at] ?? box.current;
    place?.querySelector<HTMLElement>("input, textarea, select, button")?.focus();
  });
}

function freeName(entries: Record<string, unknown>): string {
  for (let number = 1; ; number++) if (!(`name${number}` in entries)) return `name${number}`;
}
