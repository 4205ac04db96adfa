// @vitest-environment jsdom
import { expect, test } from "vitest";
import { foreign, mayPass, said } from "./problems";

const JSON_TYPE = { "content-type": "application/problem+json" };

test("an answer of the server is taken as it is", () => {
  expect(foreign(new Response("{}", { status: 500, headers: JSON_TYPE }))).toBeUndefined();
  expect(foreign(new Response(null, { status: 204 }))).toBeUndefined();
});

test.each([
  [502, "<h1>Bad Gateway</h1>", "What stands before the server does not reach it"],
  [500, "", "The server failed"],
  [413, "<html>", "That is more than is taken at once"],
  [403, "blocked", "This was refused on the way to the server"],
  [200, "<form>Log in to the hotel</form>", "Something else answers in the server's place"],
])("an answer %i of something else is said in a sentence, with what to do", (status, body, sentence) => {
  const found = foreign(new Response(body, { status, headers: { "content-type": "text/html" } }));
  expect(said(found).title).toBe(sentence);
  expect(said(found).fix).toBeTruthy();
  expect(found?.status).toBeGreaterThanOrEqual(400);
});

test("an empty answer that calls itself JSON is none", () => {
  const headers = { "content-type": "application/json", "content-length": "0" };
  expect(foreign(new Response("", { status: 503, headers }))?.status).toBe(503);
});

test("what the server refuses is not asked again, what it could not do is", () => {
  const problem = (status: number) => ({ type: "", title: "", code: "", status });
  expect([404, 409, 422].some((status) => mayPass(problem(status)))).toBe(false);
  expect([429, 500, 503].every((status) => mayPass(problem(status)))).toBe(true);
  expect(mayPass(new TypeError("Failed to fetch"))).toBe(true);
});
