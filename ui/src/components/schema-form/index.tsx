import { type RefObject, useEffect, useRef } from "react";
import { ObjectFields, type ObjectShape } from "./fields";
import { JsonText } from "./json";
import { shapeOf } from "./schema";
import type { FormStore } from "./store";
import { keyOf } from "./values";

export { beginning, isObject as isObjectValue, type Schema, withoutSecrets } from "./schema";
export { type FormState, type FormStore, initialState, type Misfit, useFormStore, type Values } from "./store";
export { differing, same } from "./values";

/** The parameters that a JSON Schema describes, as fields or as JSON: two views of one store. */
export function SchemaForm({ store }: { store: FormStore }) {
  const box = useRef<HTMLDivElement>(null);
  useFirstMisfit(store, box);
  const shape = shapeOf(store.schema, store.schema);
  const fields = shape.kind === "object" ? shape : undefined;
  const elsewhere = fields ? misfitsElsewhere(store, fields) : store.misfits;
  return (
    <div ref={box}>
      <Views store={store} />
      {elsewhere.map((misfit) => (
        <p key={keyOf(misfit.path) + misfit.message} role="alert" className="mb-2 text-bad">
          <code className="font-mono">{misfit.path.join(" → ") || "the parameters"}</code>: {misfit.message}
        </p>
      ))}
      {store.state.view === "json" || !fields ? (
        <WholeJson store={store} />
      ) : fields.properties.length ? (
        <ObjectFields store={store} path={[]} shape={fields} depth={0} />
      ) : (
        <p className="text-soft">It takes no parameters.</p>
      )}
      {store.blocked && (
        <p role="alert" className="mt-3 text-bad">
          {store.blocked}.
        </p>
      )}
    </div>
  );
}

function WholeJson({ store }: { store: FormStore }) {
  return (
    <JsonText
      id="all-parameters"
      label="All parameters as JSON"
      rows={8}
      value={store.state.value}
      broken={store.state.text}
      onChange={(value) => store.setText(JSON.stringify(value) ?? "")}
      onBroken={store.setText}
    />
  );
}

function Views({ store }: { store: FormStore }) {
  const { view, text, broken } = store.state;
  const stuck = text !== undefined || Object.keys(broken).length > 0;
  return (
    <div
      role="radiogroup"
      aria-label="How to edit"
      className="mb-4 inline-flex rounded-md border border-line-strong p-0.5"
    >
      {(["form", "json"] as const).map((one) => (
        // biome-ignore lint/a11y/useSemanticElements: two buttons that are one choice
        <button
          key={one}
          type="button"
          role="radio"
          aria-checked={view === one}
          disabled={view !== one && stuck}
          title={view !== one && stuck ? "Complete the JSON first: nothing of it is to be lost" : undefined}
          onClick={() => store.show(one)}
          className="rounded px-3 py-0.5 text-soft text-xs aria-checked:bg-accent-bg aria-checked:font-semibold aria-checked:text-accent"
        >
          {one === "form" ? "Form" : "JSON"}
        </button>
      ))}
    </div>
  );
}

/** What is wrong in a place that no field shows. */
function misfitsElsewhere(store: FormStore, shape: ObjectShape) {
  if (store.state.view === "json") return store.misfits;
  const names = new Set(shape.properties.map(([name]) => name));
  return store.misfits.filter((misfit) => !names.has(String(misfit.path[0])));
}

/** Takes the reader to the first thing that is wrong, once it is told. */
function useFirstMisfit(store: FormStore, box: RefObject<HTMLDivElement | null>): void {
  const first = store.misfits[0];
  const count = useRef(0);
  useEffect(() => {
    const told = store.misfits.length > count.current;
    count.current = store.misfits.length;
    if (!told || !first) return;
    const fields = [...(box.current?.querySelectorAll<HTMLElement>("[data-path]") ?? [])];
    const field = fields.find((one) => one.dataset.path === keyOf(first.path.slice(0, 1)));
    field?.querySelector<HTMLElement>("input, textarea, select, button")?.focus();
  }, [first, store.misfits.length, box]);
}
