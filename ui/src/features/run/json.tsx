import { useMemo } from "react";
import { Copy } from "~/components/copy";
import { count } from "~/lib/format";

const SHOWN = 20_000;

/** A value as JSON. What is too much to draw is cut; a copy has all of it. */
export function JsonValue({ label, value }: { label: string; value: unknown }) {
  const text = useMemo(() => JSON.stringify(value, null, 2) ?? "null", [value]);
  return (
    <div className="relative">
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
        tabIndex={0}
        className="max-h-96 overflow-auto rounded-lg bg-sunk px-3 py-2 pr-10"
      >
        <pre className="font-mono text-[0.8125rem] leading-5">{text.slice(0, SHOWN)}</pre>
        {text.length > SHOWN && (
          <p className="mt-2 text-soft text-xs">
            {count(text.length - SHOWN)} more characters; a copy has all of them.
          </p>
        )}
      </section>
      <span className="absolute top-1 right-1">
        <Copy text={text} label={`Copy ${label.toLowerCase()}`} />
      </span>
    </div>
  );
}
