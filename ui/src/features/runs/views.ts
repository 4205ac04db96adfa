import { useState } from "react";
import { here } from "~/lib/api";
import { type RunsSearch, readRunsSearch } from "./search";

export interface SavedView {
  name: string;
  search: RunsSearch;
  /** The one that the list opens with. */
  first?: boolean;
}

const KEY = `turnout.runs.${here.project}.${here.environment}`;
const MOST = 30;

/** Views that this browser keeps, for this project. */
export function useSavedViews() {
  const [views, setViews] = useState(load);
  const keep = (changed: SavedView[]) => {
    const kept = changed.slice(0, MOST);
    setViews(kept);
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // A browser that keeps nothing: the views last as long as the page.
    }
  };
  return {
    views,
    save: (name: string, { after: _, ...search }: RunsSearch) =>
      keep([...views.filter((view) => view.name !== name), { name, search }]),
    remove: (name: string) => keep(views.filter((view) => view.name !== name)),
    open: (name: string | undefined) => keep(views.map((view) => ({ ...view, first: view.name === name }))),
  };
}

/** What the list opens with, if somebody chose that. */
export function firstView(): RunsSearch | undefined {
  return load().find((view) => view.first)?.search;
}

function load(): SavedView[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept)
      ? kept.filter(isView).map((view) => ({ ...view, search: readRunsSearch({ ...view.search }) }))
      : [];
  } catch {
    return [];
  }
}

function isView(value: unknown): value is SavedView {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "search" in value
  );
}
