import { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { isProblem } from "~/lib/api";
import { boot } from "~/lib/boot";
import { type Connection, Live } from "~/lib/live";

/** How often a request is repeated that may succeed the next time. */
const TRIES = 3;

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // News come by the stream; beyond that, a page that is looked at again after a while is asked for again.
      staleTime: 30_000,
      retry: (failures, error) => failures < TRIES && !(isProblem(error) && error.status < 500),
    },
  },
});

export const live = new Live(queries, `${boot.base}api/v1/live`);

export function useConnection(): Connection {
  return useSyncExternalStore(
    (listener) => live.onConnection(listener),
    () => live.connection,
  );
}
