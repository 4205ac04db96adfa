import type { ButtonHTMLAttributes } from "react";

export type Look = "primary" | "plain" | "danger" | "quiet";

const LOOKS: Record<Look, string> = {
  primary: "bg-accent text-accent-ink border-transparent hover:opacity-90",
  plain: "bg-card text-ink border-line-strong hover:bg-hover",
  danger: "bg-card text-bad border-line-strong hover:bg-bad-bg hover:border-bad",
  quiet: "border-transparent text-soft hover:bg-hover hover:text-ink",
};

const SIZES = { small: "h-7 px-2.5 text-xs", normal: "h-8 px-3 text-sm" };

interface Appearance {
  look?: Look;
  size?: keyof typeof SIZES;
}

/** The classes of a button, for links that look like one. */
export function buttonLook({ look = "plain", size = "normal" }: Appearance = {}): string {
  return `inline-flex select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md border font-medium transition-colors disabled:opacity-50 ${SIZES[size]} ${LOOKS[look]}`;
}

/** A button; one primary a view. */
export function Button({ look, size, className = "", ...rest }: ButtonHTMLAttributes<HTMLButtonElement> & Appearance) {
  return <button type="button" className={`${buttonLook({ look, size })} ${className}`} {...rest} />;
}
