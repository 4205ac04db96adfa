import type { ReactNode } from "react";
import { boot } from "~/lib/boot";
import { Copy } from "./copy";

interface EmptyProps {
  title: string;
  children?: ReactNode;
  /** The exact command that fills the place. */
  command?: string;
}

/** Nothing is here yet: why, and the command that changes it. */
export function Empty({ title, children, command }: EmptyProps) {
  return (
    <div className="px-4 py-6">
      <p className="font-medium">{title}</p>
      {children && <div className="mt-0.5 max-w-prose text-soft">{children}</div>}
      {command && <Command>{command}</Command>}
    </div>
  );
}

/** A command to copy. */
export function Command({ children }: { children: string }) {
  return (
    <div className="mt-3 flex w-fit max-w-full items-center gap-2 rounded-lg border border-line bg-sunk py-1 pr-1 pl-3">
      <code className="overflow-x-auto whitespace-pre py-1 font-mono text-[0.8125rem]">{children}</code>
      <Copy text={children} />
    </div>
  );
}

/** This server's address, as commands take it. */
export function serverAddress(): string {
  return new URL(boot.base, location.origin).href.replace(/\/$/, "");
}
