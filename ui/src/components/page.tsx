import { type ReactNode, useEffect } from "react";

interface PageProps {
  /** The heading, and the browser tab's title. */
  title: string;
  /** In place of the title as heading. */
  heading?: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page: heading, one line about it, actions, content. */
export function Page({ title, heading, lead, actions, children }: PageProps) {
  useTitle(title);
  return (
    <div className="mx-auto max-w-6xl px-4 py-6 md:px-8">
      <header className="mb-6 flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="min-w-0 flex-1 max-md:basis-full">
          <h1 className="font-semibold text-[1.375rem] leading-tight tracking-tight">{heading ?? title}</h1>
          {lead && <div className="mt-1 text-soft">{lead}</div>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Turnout`;
  }, [title]);
}
