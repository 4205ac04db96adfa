import { useId, useRef } from "react";
import type { FieldProps } from "./field-props";
import { JsonText } from "./json";
import { ListControl, MapControl, MOST_ITEMS, TupleControl } from "./lists";
import {
  BooleanControl,
  ChoiceControl,
  type ControlProps,
  NumberControl,
  SeveralControl,
  TextControl,
} from "./scalars";
import { blank, isObject, labelOf, type Schema, type Shape, shapeOf, spelled, variantName, variantOf } from "./schema";
import type { FormStore, Misfit } from "./store";
import { keyOf, type Path, valueAt } from "./values";

/** One value of the form with its label, what it is for, and what is wrong with it. */
export function SchemaField(props: FieldProps) {
  const { store, path, schema, label, required, depth, bare } = props;
  const id = useId();
  const shape = shapeOf(schema, store.schema, depth);
  const value = valueAt(store.state.value, path);
  const wrong = wrongHere(store, path, shape, value);
  const group = isGroup(shape) && (value === undefined || hasFields(shape, value) || shape.kind === "union");
  const box = useRef<HTMLDivElement>(null);
  // The control that was pressed is gone then: the keyboard goes on where it was.
  const setAndFocus = (next: unknown) => {
    store.set(path, next);
    requestAnimationFrame(() => firstControl(box.current)?.focus());
  };
  const beside = !bare && shape.kind === "boolean" && typeof value === "boolean" && !shape.nullable;
  const about = shape.schema.description && (
    <p id={`${id}-about`} className="max-w-prose whitespace-pre-line text-soft text-xs">
      {shape.schema.description}
    </p>
  );
  const control = () => (
    <Control
      {...props}
      {...{ id, shape, value, invalid: wrong.length > 0, describedBy: described(id, wrong, about) }}
    />
  );
  return (
    <div ref={box} data-path={keyOf(path)} className={`min-w-0 ${bare ? "" : "max-w-2xl"}`}>
      <div className={bare ? "sr-only" : `flex flex-wrap items-baseline gap-x-2 ${beside ? "" : "mb-1"}`}>
        {beside && <span className="self-center">{control()}</span>}
        {group ? (
          <span id={`${id}-label`} className="font-medium">
            {label}
          </span>
        ) : (
          <label htmlFor={id} className="font-medium">
            {label}
          </label>
        )}
        {required && !beside && (
          <span className="text-faint text-xs" aria-hidden>
            required
          </span>
        )}
        {!required && value !== undefined && shape.schema.default === undefined && (
          <LeaveOut onClick={() => setAndFocus(undefined)} label={label} />
        )}
      </div>
      {group && about && <div className="mb-2">{about}</div>}
      {value === undefined && isGroup(shape) ? (
        <LeftOut label={label} onSet={() => setAndFocus(blank(schema, store.schema, depth) ?? null)} />
      ) : (
        !beside && control()
      )}
      {wrong.length > 0 && (
        <div id={`${id}-wrong`} className="mt-1 text-xs">
          {wrong.map((misfit) => (
            <p key={keyOf(misfit.path) + misfit.message} role="alert" className="text-bad">
              {misfit.path.length > path.length && `${misfit.path.slice(path.length).join(" → ")}: `}
              {misfit.message}
            </p>
          ))}
        </div>
      )}
      {!group && about && <div className="mt-1">{about}</div>}
    </div>
  );
}

/** By what a control is described: what is wrong with it, and what it is for. */
function described(id: string, wrong: readonly Misfit[], about: unknown): string | undefined {
  return [wrong.length > 0 && `${id}-wrong`, about && `${id}-about`].filter(Boolean).join(" ") || undefined;
}

/** The fields of an object, one below the other. */
export function ObjectFields({
  store,
  path,
  shape,
  depth,
}: {
  store: FormStore;
  path: Path;
  shape: ObjectShape;
  depth: number;
}) {
  return (
    <div className="flex flex-col gap-4">
      {shape.properties.map(([name, schema]) => (
        <SchemaField
          key={name}
          store={store}
          path={[...path, name]}
          schema={schema}
          label={labelOf(name, shapeOf(schema, store.schema).schema)}
          required={shape.required.has(name)}
          depth={depth + 1}
        />
      ))}
    </div>
  );
}

export type ObjectShape = Shape & { kind: "object" };

interface Given extends FieldProps {
  id: string;
  shape: Shape;
  value: unknown;
  invalid: boolean;
  describedBy: string | undefined;
}

function Control(props: Given) {
  const { store, path, shape, value, id, depth, required, invalid, describedBy } = props;
  const onChange = (next: unknown) => store.set(path, next);
  const given = { value, onChange, id, invalid, describedBy, required };
  const of = <K extends Shape["kind"]>(): ControlProps<K> => ({ ...given, shape: shape as Shape & { kind: K } });
  switch (shape.kind) {
    case "text":
      return isText(value) ? <TextControl {...of<"text">()} /> : <JsonField {...props} />;
    case "number":
      return isText(value) ? <NumberControl {...of<"number">()} /> : <JsonField {...props} />;
    case "boolean":
      return <BooleanControl {...of<"boolean">()} />;
    case "choice":
      return <ChoiceControl {...of<"choice">()} />;
    case "several":
      return <SeveralControl {...of<"several">()} />;
    case "const":
      return <code className="font-mono text-[0.8125rem]">{spelled(shape.value)}</code>;
    case "list":
      return Array.isArray(value) ? (
        <ListControl {...props} Field={SchemaField} item={shape.item} items={value} />
      ) : (
        <JsonField {...props} />
      );
    case "tuple":
      return Array.isArray(value) ? (
        <TupleControl {...props} Field={SchemaField} items={shape.items} />
      ) : (
        <JsonField {...props} />
      );
    case "map":
      return isObject(value) ? (
        <MapControl {...props} Field={SchemaField} item={shape.value} entries={value} />
      ) : (
        <JsonField {...props} />
      );
    case "union":
      return <UnionControl {...props} variants={shape.variants} />;
    case "object":
      if (!isObject(value)) return <JsonField {...props} />;
      return (
        <fieldset aria-labelledby={`${id}-label`} className="border-line border-l-2 pl-4">
          <ObjectFields store={store} path={path} shape={shape} depth={depth} />
        </fieldset>
      );
    case "json":
      return <JsonField {...props} />;
  }
}

function UnionControl({ store, path, variants, id, value, label, depth, required }: Given & { variants: Schema[] }) {
  const at = store.state.chosen[keyOf(path)] ?? variantOf(value, variants, store.schema);
  const chosen = variants[at] ?? variants[0];
  if (!chosen) return null;
  return (
    <div className="flex flex-wrap items-start gap-2">
      <select
        id={id}
        aria-label={`Kind of ${label}`}
        className="h-8 rounded-md border border-line-strong bg-card px-2 pr-7"
        value={at}
        onChange={(event) => {
          const next = Number(event.target.value);
          const schema = variants[next];
          if (schema) store.choose(path, next, blank(schema, store.schema, depth) ?? null);
        }}
      >
        {variants.map((variant, number) => (
          <option key={number} value={number}>
            {variantName(variant, store.schema)}
          </option>
        ))}
      </select>
      <div className="min-w-56 flex-1">
        <SchemaField {...{ store, path, schema: chosen, label, required, depth: depth + 1 }} bare />
      </div>
    </div>
  );
}

function JsonField({ store, path, id, value, label, describedBy }: Given) {
  return (
    <JsonText
      id={id}
      label={label}
      value={value}
      broken={store.state.broken[keyOf(path)]}
      describedBy={describedBy}
      onChange={(next) => store.set(path, next)}
      onBroken={(text) => store.setBroken(path, text)}
    />
  );
}

function LeftOut({ label, onSet }: { label: string; onSet: () => void }) {
  return (
    <p className="text-soft">
      The flow's own default is used.{" "}
      <button
        type="button"
        aria-label={`Set ${label}`}
        onClick={onSet}
        className="font-medium text-accent hover:underline"
      >
        Set
      </button>
    </p>
  );
}

function LeaveOut({ onClick, label }: { onClick: () => void; label: string }) {
  return (
    <button
      type="button"
      data-aside
      aria-label={`leave out ${label}`}
      onClick={onClick}
      className="text-soft text-xs hover:text-ink hover:underline"
    >
      leave out
    </button>
  );
}

function firstControl(box: HTMLElement | null): HTMLElement | null | undefined {
  return (
    box?.querySelector<HTMLElement>("input, textarea, select") ??
    box?.querySelector<HTMLElement>("button:not([data-aside])")
  );
}

/** What is wrong with a value: all that is wrong inside of it, too, where no field inside says so itself. */
function wrongHere(store: FormStore, path: Path, shape: Shape, value: unknown): Misfit[] {
  if (shape.kind === "union") return [];
  const inside = hasFields(shape, value);
  return store.misfits.filter((misfit) => {
    const below = path.every((part, at) => misfit.path[at] === part);
    return below && (misfit.path.length === path.length || !inside);
  });
}

function hasFields(shape: Shape, value: unknown): boolean {
  if (Array.isArray(value)) return shape.kind === "tuple" || (shape.kind === "list" && value.length <= MOST_ITEMS);
  if (!isObject(value)) return false;
  return shape.kind === "object" || (shape.kind === "map" && Object.keys(value).length <= MOST_ITEMS);
}

/** What has controls of its own inside: it is shown once it has a value. */
function isGroup(shape: Shape): boolean {
  return ["list", "tuple", "map", "object", "union", "json"].includes(shape.kind);
}

function isText(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}
