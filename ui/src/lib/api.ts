import createFetchClient from "openapi-fetch";
import createClient from "openapi-react-query";
import type { components, paths } from "./api.gen";
import { boot, type Namespace, namespace } from "./boot";
import { sessionEnded } from "./session";

/** The types of what the server answers, by name: `Schemas["FlowRun"]`. */
export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];
export type RunState = Schemas["RunState"];

/** Longer than this no page waits for an answer; long polls do not go through here. */
const PATIENCE_MS = 30_000;

/** Requests outside of React: `await fetcher.POST("/api/v1/...", { ... })` gives `{ data, error }`. */
export const fetcher = createFetchClient<paths>({
  baseUrl: boot.base.slice(0, -1),
  // Looked up at each call, so that tests may put their own in its place.
  fetch: (request) => globalThis.fetch(request),
  querySerializer: { array: { style: "form", explode: true } },
});

fetcher.use({
  onRequest: ({ request }) => new Request(request, { signal: AbortSignal.any([request.signal, timeout()]) }),
  onResponse: ({ response }) => {
    if (response.status === 401) sessionEnded();
  },
});

function timeout(): AbortSignal {
  return AbortSignal.timeout(PATIENCE_MS);
}

/** Requests of components: `api.useQuery("get", path, init, { meta: { topics } })`, `api.useMutation("post", path)`. */
export const api = createClient(fetcher);

/** The namespace as routes take it. Pages that need one are shown only where something is deployed. */
export const here: Namespace = namespace ?? { project: "", environment: "production" };

/** What is wrong in words, whatever was thrown: a problem of the server, or no answer at all. */
export function said(error: unknown): { title: string; fix?: string; status?: number } {
  if (isProblem(error)) {
    return { title: error.detail ?? error.title, fix: error.fix ?? undefined, status: error.status };
  }
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return { title: "The server did not answer in time", fix: "It may be busy; try again" };
  }
  return { title: "The server cannot be reached", fix: "This page goes on as soon as it can" };
}

export function isProblem(error: unknown): error is Problem {
  return typeof error === "object" && error !== null && "status" in error && "title" in error;
}
