import { queryOptions, useQuery } from "@tanstack/react-query";
import { fetcher, type Schemas } from "~/lib/api";

/** `seenQuery` for a component. */
export function useSeen(id: string, attempt: number | undefined, enabled = true) {
  return useQuery({ ...seenQuery(id, attempt), enabled });
}

/** All that the page of a run shows at once, with the tasks and log of one attempt: the latest, if none is named. */
export function seenQuery(id: string, attempt: number | undefined) {
  return queryOptions({
    queryKey: ["run", id, attempt],
    queryFn: async ({ signal }) => {
      const query = attempt === undefined ? {} : { attempt };
      const { data, error } = await fetcher.GET("/api/v1/views/runs/{id}", { params: { path: { id }, query }, signal });
      if (!data) throw error;
      return data as unknown as Schemas["RunOverview"];
    },
    meta: { topics: [`run:${id}`] },
  });
}

/** One task of an attempt. */
export function useTask(id: string, attempt: number, number: number) {
  return useQuery({
    queryKey: ["task", id, attempt, number],
    queryFn: async ({ signal }) => {
      const query = { attempt, after: number - 1, limit: 1 };
      const { data, error } = await fetcher.GET("/api/v1/runs/{id}/tasks", { params: { path: { id }, query }, signal });
      if (!data) throw error;
      return data as unknown as Schemas["TaskRun"][];
    },
    meta: { topics: [`run:${id}`] },
  });
}
