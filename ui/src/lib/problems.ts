import type { components } from "./api.gen";

export type Problem = components["schemas"]["Problem"];

/** Answers that say nothing of a server's own: of what stands before it, or of one that broke. */
const WORDS: [least: number, detail: string, fix: string][] = [
  [505, "The server failed", "Try again; what went wrong is in the server's log"],
  [
    502,
    "What stands before the server does not reach it",
    "It may be starting anew; this page goes on once it answers",
  ],
  [500, "The server failed", "Try again; what went wrong is in the server's log"],
  [413, "That is more than is taken at once", "Send less of it"],
  [400, "This was refused on the way to the server", "Ask who runs the proxy between here and the server"],
  [300, "Something else answers in the server's place", "Load the page again; a proxy may want you to log in"],
  [200, "Something else answers in the server's place", "Load the page again; a proxy may want you to log in"],
];

/** What an answer means that is neither the JSON that was asked for nor a problem of the server; undefined if it is. */
export function foreign(response: Response): Problem | undefined {
  const { status } = response;
  const json = /\bjson\b/.test(response.headers.get("content-type") ?? "");
  if (status === 204 || (json && response.headers.get("content-length") !== "0")) return undefined;
  const [, detail, fix] = WORDS.find(([least]) => status >= least) ?? ["", "The server cannot be understood", ""];
  return { type: "about:blank", code: "foreign", title: detail, status: status < 400 ? 502 : status, detail, fix };
}

export function isProblem(error: unknown): error is Problem {
  return typeof error === "object" && error !== null && "status" in error && "title" in error;
}

/** Whether the same request may succeed later: the server failed, is busy or cannot be reached. */
export function mayPass(error: unknown): boolean {
  return !isProblem(error) || error.status >= 500 || error.status === 429;
}

/** What is wrong in words, whatever was thrown: a problem of the server, or no answer at all. */
export function said(error: unknown): { title: string; fix?: string; status?: number } {
  if (isProblem(error)) {
    return { title: error.detail ?? error.title, fix: error.fix ?? undefined, status: error.status };
  }
  if (isTimeout(error)) {
    return { title: "The server did not answer in time", fix: "It may be busy; try again" };
  }
  return { title: "The server cannot be reached", fix: "This page goes on as soon as it can" };
}

export function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === "TimeoutError";
}
