import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { fetcher, type Schemas } from "~/lib/api";

type Columns = Schemas["BarsAnswer"];
const PORTION = 50_000;

/** Every task of an attempt, in columns. `upstream`: with what each waited for. */
export function useTasks(run: string, attempt: number, upstream: boolean) {
  return useQuery({
    queryKey: ["tasks", run, attempt, upstream],
    queryFn: ({ signal }) => all(run, attempt, upstream, signal),
    placeholderData: keepPreviousData,
    meta: { topics: [`run:${run}`] },
  });
}

async function all(id: string, attempt: number, upstream: boolean, signal: AbortSignal): Promise<Columns> {
  let found: Columns | undefined;
  let after: number | null = 0;
  while (after !== null) {
    const query = { attempt, after, limit: PORTION, upstream };
    const answer: { data?: Columns; error?: unknown } = await fetcher.GET("/api/v1/views/runs/{id}/tasks", {
      params: { path: { id }, query },
      signal,
    });
    if (!answer.data) throw answer.error;
    found = found ? joined(found, answer.data) : answer.data;
    after = answer.data.next;
  }
  if (!found) throw new Error("nothing was asked for");
  return found;
}

function joined(one: Columns, other: Columns): Columns {
  const shift = one.names.length;
  return {
    ...one,
    names: [...one.names, ...other.names],
    name: [...one.name, ...other.name.map((place) => place + shift)],
    number: [...one.number, ...other.number],
    parent: [...one.parent, ...other.parent],
    state: [...one.state, ...other.state],
    tries: [...one.tries, ...other.tries],
    created: [...one.created, ...other.created],
    started: [...one.started, ...other.started],
    ended: [...one.ended, ...other.ended],
    flows: [...one.flows, ...other.flows],
    upstream: [...one.upstream, ...other.upstream],
    next: other.next,
  };
}
