import type { InputHTMLAttributes, ReactNode, SelectHTMLAttributes } from "react";

const LOOK =
  "h-8 min-w-0 rounded-md border border-line-strong bg-card px-2.5 text-ink placeholder:text-faint disabled:opacity-60 aria-invalid:border-bad";

export function Input({ className = "", ...rest }: InputHTMLAttributes<HTMLInputElement>) {
  return <input className={`${LOOK} ${className}`} {...rest} />;
}

export function Select({ className = "", ...rest }: SelectHTMLAttributes<HTMLSelectElement>) {
  return <select className={`${LOOK} pr-7 ${className}`} {...rest} />;
}

interface FieldProps {
  label: string;
  /** What it is for; or, in its place, what is wrong with it. */
  hint?: ReactNode;
  error?: string;
  children: ReactNode;
}

/** A labelled control. */
export function Field({ label, hint, error, children }: FieldProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is a child
    <label className="flex flex-col gap-1">
      <span className="font-medium text-sm">{label}</span>
      {children}
      {error ? (
        <span role="alert" className="text-bad text-xs">
          {error}
        </span>
      ) : (
        hint && <span className="text-soft text-xs">{hint}</span>
      )}
    </label>
  );
}

interface SwitchProps {
  label: string;
  on: boolean;
  onChange: (on: boolean) => void;
  disabled?: boolean;
}

/** Something that is on or off; the label is for readers of the screen. */
export function Switch({ label, on, onChange, disabled }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      aria-label={label}
      disabled={disabled}
      onClick={() => onChange(!on)}
      className="inline-flex h-5 w-9 shrink-0 items-center rounded-full border border-line-strong bg-wait-bg px-0.5 transition-colors disabled:opacity-50 aria-checked:border-transparent aria-checked:bg-accent"
    >
      <span
        className={`size-3.5 rounded-full transition-transform ${on ? "translate-x-4 bg-accent-ink" : "bg-soft"}`}
      />
    </button>
  );
}
