import createFetchClient from "openapi-fetch";
import createClient from "openapi-react-query";
import type { components, paths } from "./api.gen";
import { boot, type Namespace, namespace } from "./boot";
import { answered, unanswered } from "./contact";
import { serverTime } from "./now";
import { foreign } from "./problems";
import { sessionEnded } from "./session";

export { isProblem, type Problem, said } from "./problems";

/** The types of what the server answers, by name: `Schemas["FlowRun"]`. */
export type Schemas = components["schemas"];
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

/** When a request was sent, by this browser's clock. */
const sent = new WeakMap<Request, number>();

fetcher.use({
  onRequest: ({ request }) => {
    const made = new Request(request, { signal: AbortSignal.any([request.signal, timeout()]) });
    sent.set(made, Date.now());
    return made;
  },
  onResponse: ({ request, response }) => heard(response, sent.get(request)),
  onError: ({ error }) => {
    if (!(error instanceof DOMException && error.name === "AbortError")) unanswered();
  },
});

/** Learn what every answer tells beside its content; something else's answer becomes a problem like the server's. */
function heard(response: Response, asked: number | undefined): Response | undefined {
  const problem = foreign(response);
  if (problem?.status === 502 || problem?.status === 504) unanswered();
  else answered();
  const at = response.headers.get("date");
  if (at && asked !== undefined && !problem) serverTime(new Date(at), asked);
  if (response.status === 401) sessionEnded();
  return problem && Response.json(problem, { status: problem.status });
}

function timeout(): AbortSignal {
  return AbortSignal.timeout(PATIENCE_MS);
}

/** Requests of components: `api.useQuery("get", path, init, { meta: { topics } })`, `api.useMutation("post", path)`. */
export const api = createClient(fetcher);

/** The namespace as routes take it. Pages that need one are shown only where something is deployed. */
export const here: Namespace = namespace ?? { project: "", environment: "production" };
