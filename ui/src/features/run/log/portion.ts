import { boot } from "~/lib/boot";

/** Rows of a log are asked for so many at a time. */
export const PAGE = 500;

type Query = Record<string, string | number>;

export function logAddress(run: string): string {
  return `${boot.base}api/v1/views/runs/${run}/log`;
}

/** A question about the log of an attempt. */
export function question(address: string, attempt: number, query: Query): string {
  const values = Object.entries({ attempt, ...query }).map(([name, value]) => [name, String(value)]);
  return `${address}?${new URLSearchParams(values)}`;
}

/** The question for the page of the log that a row is on. */
export function pageAround(address: string, attempt: number, row: number): string {
  return question(address, attempt, { first: Math.floor(row / PAGE) * PAGE, limit: PAGE });
}

const ahead = new Map<string, Promise<Response>>();

/** Ask before the panel is there that shows the answer. */
export function askAhead(url: string): void {
  const answer = fetch(url, { headers: { accept: "application/json" } });
  answer.catch(() => {}); // told to whoever takes it
  ahead.clear();
  ahead.set(url, answer);
}

/** The answer that was asked for ahead, once. */
export function answerAhead(url: string): Promise<Response> | undefined {
  const answer = ahead.get(url);
  ahead.delete(url);
  return answer;
}
