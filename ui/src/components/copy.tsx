import { Check, Copy as CopyIcon } from "lucide-react";
import { useEffect, useState } from "react";

/** Copies a text. Says so for a moment. */
export function Copy({ text, label = "Copy" }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <button
      type="button"
      aria-label={copied ? "Copied" : label}
      title={copied ? "Copied" : label}
      className="rounded p-1.5 text-faint hover:bg-hover hover:text-ink"
      onClick={async () => {
        await copy(text);
        setCopied(true);
      }}
    >
      {copied ? <Check size={14} aria-hidden className="text-good" /> : <CopyIcon size={14} aria-hidden />}
    </button>
  );
}

async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Without TLS browsers have no clipboard object, away from localhost.
  const area = Object.assign(document.createElement("textarea"), { value: text });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
