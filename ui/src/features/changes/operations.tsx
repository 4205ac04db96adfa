import { ArrowRight, Minus, Pencil, Plus } from "lucide-react";

/** An operation of a plan, as the server writes it. */
export interface Operation {
  op: "create" | "change" | "rename" | "remove";
  kind: string;
  name: string;
  /** What a renamed one was called. */
  was?: string;
  /** The entry that says it was the removed one, and has a history of its own. */
  apart?: string;
  fields?: { path: string; before: unknown; after: unknown }[];
}

const OPS = {
  create: { word: "new", icon: Plus, look: "text-good" },
  change: { word: "changed", icon: Pencil, look: "text-warn" },
  rename: { word: "renamed", icon: ArrowRight, look: "text-warn" },
  remove: { word: "removed", icon: Minus, look: "text-bad" },
};

/** What changes, field by field. */
export function Operations({ operations }: { operations: readonly Operation[] }) {
  return (
    <ul>
      {operations.map((operation) => {
        const { word, icon: Icon, look } = OPS[operation.op];
        return (
          <li key={`${operation.kind}/${operation.name}`} className="border-line border-b px-4 py-3 last:border-b-0">
            <p className="flex items-center gap-2">
              <Icon size={14} aria-hidden className={`shrink-0 ${look}`} />
              <span className="min-w-0 break-words">
                <span className="text-soft">{operation.kind}</span> {operation.was && `${operation.was} → `}
                <span className="font-medium">{operation.name}</span> <span className={look}>{word}</span>
              </span>
            </p>
            {operation.apart && (
              <p className="mt-1 ml-5.5 text-soft">
                Not renamed: {operation.apart} is there already, and keeps its own history.
              </p>
            )}
            {operation.fields && operation.fields.length > 0 && <Fields fields={operation.fields} />}
          </li>
        );
      })}
    </ul>
  );
}

function Fields({ fields }: { fields: NonNullable<Operation["fields"]> }) {
  return (
    <dl className="mt-2 ml-5.5 space-y-2">
      {fields.map((field) => (
        <div key={field.path}>
          <dt className="text-faint text-xs">{field.path}</dt>
          <dd className="font-mono text-[0.8125rem]">
            {field.before != null && <Value sign="−" value={field.before} look="bg-bad-bg text-bad" said="before" />}
            {field.after != null && <Value sign="+" value={field.after} look="bg-good-bg text-good" said="after" />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Value({ sign, value, look, said }: { sign: string; value: unknown; look: string; said: string }) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    <pre className={`max-h-48 overflow-auto whitespace-pre-wrap break-words px-2 py-0.5 ${look}`}>
      <span className="sr-only">{said}: </span>
      <span aria-hidden>{sign} </span>
      {text}
    </pre>
  );
}
