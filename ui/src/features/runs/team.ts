import { useQuery, useQueryClient } from "@tanstack/react-query";
import { defaultParseSearch, defaultStringifySearch } from "@tanstack/react-router";
import { api, fetcher, here, type Schemas } from "~/lib/api";
import { type RunsSearch, readRunsSearch } from "./search";

export interface TeamView {
  id: string;
  name: string;
  search: RunsSearch;
  /** Who saved it first, and when. */
  author: string;
  created_at: string;
}

/** Views that the server keeps: everybody of the project sees them. */
export function teamQuery() {
  return api.queryOptions("get", "/api/v1/saved-views", { params: { query: here } }, { meta: { topics: ["values"] } });
}

export function useTeamViews() {
  const query = useQuery(teamQuery());
  const queries = useQueryClient();
  /** Ask for something, and say why it was not done; the list is looked at again in either case. */
  const ask = async (asked: Promise<{ error?: unknown }>): Promise<unknown> => {
    const { error } = await asked.catch((error: unknown) => ({ error }));
    void queries.invalidateQueries({ queryKey: teamQuery().queryKey });
    return error;
  };
  const at = (view: TeamView) => ({ path: { id: view.id }, query: here });
  return {
    views: (query.data ?? []).map(readView),
    save: (name: string, search: RunsSearch) =>
      ask(fetcher.POST("/api/v1/saved-views", { params: { query: here }, body: { name, query: written(search) } })),
    rename: (view: TeamView, name: string) =>
      ask(fetcher.PUT("/api/v1/saved-views/{id}", { params: at(view), body: { name } })),
    remove: (view: TeamView) => ask(fetcher.DELETE("/api/v1/saved-views/{id}", { params: at(view) })),
  };
}

export function readView({ id, name, query, author, created_at }: Schemas["SavedView"]): TeamView {
  return { id, name, search: readRunsSearch(defaultParseSearch(query)), author, created_at };
}

/** Filters as the list's address has them; at least a question mark. */
export function written({ after: _, ...search }: RunsSearch): string {
  return defaultStringifySearch(search) || "?";
}
