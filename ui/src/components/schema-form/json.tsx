import { useState } from "react";
import { parsed } from "./store";
import { same } from "./values";

const LOOK =
  "w-full min-w-0 rounded-md border border-line-strong bg-card px-3 py-2 font-mono text-[0.8125rem] leading-5 text-ink aria-invalid:border-bad";

interface JsonTextProps {
  id: string;
  value: unknown;
  /** What was typed while it is not JSON. */
  broken: string | undefined;
  onChange: (value: unknown) => void;
  onBroken: (text: string) => void;
  label?: string;
  rows?: number;
  describedBy?: string;
}

/** A value as JSON text. What is typed stays as it is typed, whether it is JSON or not. */
export function JsonText({ id, value, broken, onChange, onBroken, label, rows = 4, describedBy }: JsonTextProps) {
  const [typed, setTyped] = useState<string>();
  const pretty = value === undefined ? "" : JSON.stringify(value, null, 2);
  const mine = typed !== undefined && same(parsed(typed), value);
  const text = broken ?? (mine ? typed : pretty);
  return (
    <textarea
      id={id}
      aria-label={label}
      aria-invalid={broken !== undefined}
      aria-describedby={describedBy}
      spellCheck={false}
      autoComplete="off"
      rows={Math.min(30, Math.max(rows, text.split("\n").length + 1))}
      className={LOOK}
      value={text}
      onChange={(event) => {
        const given = event.target.value;
        setTyped(given);
        const found = parsed(given);
        if (found === undefined) onBroken(given);
        else onChange(found);
      }}
    />
  );
}
