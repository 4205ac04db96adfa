import type { ReactNode } from "react";

/** Names and what is known under each; what is empty is left out. */
export function Facts({ facts }: { facts: [string, ReactNode][] }) {
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-3 lg:grid-cols-3">
      {facts
        .filter(([, value]) => value != null && value !== "" && value !== false)
        .map(([name, value]) => (
          <div key={name} className="min-w-0">
            <dt className="text-faint text-xs">{name}</dt>
            <dd className="mt-0.5 wrap-anywhere">{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Names of things as small tags. */
export function Names({ names }: { names: readonly string[] }) {
  if (!names.length) return null;
  return (
    <span className="flex flex-wrap gap-1">
      {names.map((name) => (
        <span key={name} className="rounded bg-sunk px-1.5 py-0.5 text-xs">
          {name}
        </span>
      ))}
    </span>
  );
}
