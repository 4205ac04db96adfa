import { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { boot } from "~/lib/boot";
import { type Connection, Live } from "~/lib/live";
import { isTimeout, mayPass } from "~/lib/problems";

/** How soon a request that failed is repeated before anything is said of it. */
const RETRY_MS = 500;
/** How often what failed is asked for again by itself, for as long as somebody looks. */
const AGAIN_MS = 5000;

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // News come by the stream; beyond that, a page that is looked at again after a while is asked for again.
      staleTime: 30_000,
      retry: (failures, error) => failures < 1 && mayPass(error) && !isTimeout(error),
      retryDelay: RETRY_MS,
      refetchInterval: ({ state }) => state.status === "error" && mayPass(state.error) && AGAIN_MS,
      // A server on this machine is there without any network.
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

export const live = new Live(queries, `${boot.base}api/v1/live`);

export function useConnection(): Connection {
  return useSyncExternalStore(
    (listener) => live.onConnection(listener),
    () => live.connection,
  );
}
