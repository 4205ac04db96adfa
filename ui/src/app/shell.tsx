import { Link, Outlet } from "@tanstack/react-router";
import { Menu, Monitor, Moon, Search, Sun, X } from "lucide-react";
import { useState } from "react";
import { Toasts } from "~/components/toast";
import { boot, homeOf, namespace } from "~/lib/boot";
import { type Theme, useTheme } from "~/lib/theme";
import { Keys, openPalette } from "./keys";
import { useConnection } from "./live";
import { Lost } from "./lost";
import { MODIFIER, PLACES } from "./nav";
import { SessionEnded } from "./session-ended";

/** The frame of every page. */
export function Shell() {
  const [open, setOpen] = useState(false);
  return (
    <div className="min-h-screen md:flex">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded focus:bg-raised focus:p-2"
      >
        To the content
      </a>
      <aside className="z-20 border-line bg-card max-md:sticky max-md:top-0 max-md:max-h-dvh max-md:overflow-y-auto max-md:border-b md:sticky md:top-0 md:flex md:h-screen md:w-54 md:shrink-0 md:flex-col md:border-r">
        <div className="flex items-center gap-2 px-4 py-3 md:pt-4">
          <Brand />
          <button
            type="button"
            aria-expanded={open}
            aria-controls="navigation"
            aria-label="Menu"
            className="-mr-2 ml-auto rounded p-2 text-soft hover:bg-hover md:hidden"
            onClick={() => setOpen(!open)}
          >
            {open ? <X size={18} aria-hidden /> : <Menu size={18} aria-hidden />}
          </button>
        </div>
        <div id="navigation" className={`min-h-0 flex-1 flex-col md:flex ${open ? "flex" : "max-md:hidden"}`}>
          <NamespaceChoice />
          <Commands close={() => setOpen(false)} />
          <nav aria-label="Main" className="flex-1 space-y-0.5 overflow-y-auto px-2.5 py-2">
            {PLACES.map(({ to, title, icon: Icon }) => (
              <Link
                key={to}
                to={to}
                activeOptions={{ exact: to === "/" }}
                onClick={() => setOpen(false)}
                className="flex items-center gap-2.5 rounded-md px-2.5 py-1.5 font-medium text-soft hover:bg-hover hover:text-ink aria-[current=page]:bg-accent-bg aria-[current=page]:text-accent"
              >
                <Icon size={16} aria-hidden />
                {title}
              </Link>
            ))}
          </nav>
          <Foot />
        </div>
      </aside>
      <main id="content" tabIndex={-1} className="min-w-0 flex-1 outline-none">
        <SessionEnded />
        <Lost />
        <Outlet />
      </main>
      <Keys />
      <Toasts />
    </div>
  );
}

function Brand() {
  return (
    <Link to="/" className="flex items-center gap-2.5 font-semibold text-[0.9375rem] tracking-tight">
      <svg viewBox="0 0 32 32" className="size-6" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="#2f5bd0" />
        <path d="M7 24 25 24M7 24C15 24 15 9 25 9" fill="none" stroke="#fff" strokeWidth="3.4" strokeLinecap="round" />
      </svg>
      Turnout
    </Link>
  );
}

function Commands({ close }: { close: () => void }) {
  return (
    <div className="px-3 pb-1">
      <button
        type="button"
        onClick={() => {
          close();
          openPalette();
        }}
        className="flex h-8 w-full items-center gap-2 rounded-md border border-line-strong px-2.5 text-faint hover:border-faint hover:text-soft"
      >
        <Search size={14} aria-hidden />
        Commands
        <kbd className="ml-auto font-mono text-xs">{MODIFIER} K</kbd>
      </button>
    </div>
  );
}

/** Which project and environment the pages are about; shown only where there is a choice. */
function NamespaceChoice() {
  if (boot.namespaces.length < 2 || !namespace) return null;
  const name = (of: { project: string; environment: string }) =>
    of.environment === "production" ? of.project : `${of.project} (${of.environment})`;
  return (
    <div className="px-3 pb-1">
      <select
        aria-label="Project"
        className="h-8 w-full rounded-md border border-line-strong bg-card px-2 font-medium"
        value={homeOf(namespace)}
        onChange={(event) => location.assign(event.target.value)}
      >
        {boot.namespaces.map((each) => (
          <option key={homeOf(each)} value={homeOf(each)}>
            {name(each)}
          </option>
        ))}
      </select>
    </div>
  );
}

const THEMES: { theme: Theme; title: string; icon: typeof Sun }[] = [
  { theme: "light", title: "Light", icon: Sun },
  { theme: "dark", title: "Dark", icon: Moon },
  { theme: "system", title: "As the system", icon: Monitor },
];

function Foot() {
  const [theme, choose] = useTheme();
  return (
    <div className="border-line border-t px-4 py-3 text-xs">
      <Connected />
      <div className="flex items-center justify-between gap-2">
        <fieldset className="flex rounded-md border border-line p-0.5">
          <legend className="sr-only">Colours</legend>
          {THEMES.map(({ theme: each, title, icon: Icon }) => (
            <button
              key={each}
              type="button"
              aria-pressed={theme === each}
              aria-label={title}
              title={title}
              className="rounded p-1 text-faint hover:text-ink aria-pressed:bg-sunk aria-pressed:text-ink"
              onClick={() => choose(each)}
            >
              <Icon size={14} aria-hidden />
            </button>
          ))}
        </fieldset>
        <form method="post" action="logout">
          <button type="submit" className="rounded px-1.5 py-1 text-soft hover:bg-hover hover:text-ink">
            Log out
          </button>
        </form>
      </div>
    </div>
  );
}

function Connected() {
  const connection = useConnection();
  if (connection !== "polling") return null;
  return (
    <p role="status" className="mb-2 text-warn">
      Not live: asking every few seconds
    </p>
  );
}
