import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, fetcher, here, type Schemas } from "~/lib/api";
import { now } from "~/lib/now";
import { asked, type RunsSearch } from "./search";

const ROWS = 50;
/** A page that the server answers before it found anything is gone on from so often before somebody is asked. */
const TURNS = 8;

/** A page of runs. The server may answer a page without runs where few of many match: it is gone on from. */
export function runsQuery(search: RunsSearch) {
  const filter = { ...here, ...asked(search, now().getTime()), limit: ROWS };
  return queryOptions({
    queryKey: ["runs", filter, search.after],
    queryFn: async ({ signal }): Promise<Schemas["RowsOfRuns"]> => {
      const items: Schemas["RunRow"][] = [];
      let after: string | null | undefined = search.after;
      for (let turn = 0; turn < TURNS; turn++) {
        const answer: { data?: Schemas["RowsOfRuns"]; error?: unknown } = await fetcher.GET("/api/v1/views/runs", {
          params: { query: { ...filter, ...(after ? { after } : {}) } },
          signal,
        });
        if (!answer.data) throw answer.error;
        items.push(...answer.data.items);
        after = answer.data.next;
        if (items.length >= ROWS / 2 || after === null) break;
      }
      return { items, next: after ?? null };
    },
    placeholderData: keepPreviousData,
    meta: { topics: ["runs"] },
  });
}

/** How many runs match, up to a cap. */
export function countQuery(search: RunsSearch) {
  return api.queryOptions(
    "get",
    "/api/v1/views/runs/count",
    { params: { query: { ...here, ...asked(search, now().getTime()) } } },
    { meta: { topics: ["runs"] }, placeholderData: keepPreviousData },
  );
}
