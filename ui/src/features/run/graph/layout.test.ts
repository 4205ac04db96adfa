import { expect, it } from "vitest";
import { graphOf } from "./layout";

function columns(names: string[], upstream: number[][]) {
  const known = [...new Set(names)];
  const zeros = names.map(() => 0);
  return {
    origin: 0,
    names: known,
    states: ["completed"],
    number: names.map((_, at) => at + 1),
    parent: zeros,
    name: names.map((name) => known.indexOf(name)),
    state: zeros,
    tries: zeros,
    created: zeros,
    started: zeros,
    ended: zeros,
    flows: [],
    upstream,
    next: null,
  };
}

it("puts tasks to the right of those that they waited for", () => {
  const graph = graphOf(columns(["read", "clean", "clean", "load"], [[], [1], [1], [2, 3]]));
  expect(graph.edges).toEqual([
    [0, 1],
    [0, 2],
    [1, 3],
    [2, 3],
  ]);
  const [read, clean, , load] = graph.nodes;
  expect((read?.x ?? 0) < (clean?.x ?? 0) && (clean?.x ?? 0) < (load?.x ?? 0)).toBe(true);
  expect(new Set(graph.nodes.map((node) => `${node.x} ${node.y}`)).size).toBe(4);
});

it("shows many tasks by name, also where names come round", () => {
  const graph = graphOf(columns(["a", "b", "a", "b"], [[], [1], [2], [3]]), 3);
  expect(graph.collapsed).toBe(true);
  expect(graph.nodes.map(({ name, count }) => [name, count])).toEqual([
    ["a", 2],
    ["b", 2],
  ]);
});

it("takes no tasks at all", () => {
  expect(graphOf(columns([], [])).nodes).toEqual([]);
});
