import type { Schemas } from "~/lib/api";

type Columns = Schemas["BarsAnswer"];

export interface Node {
  key: string;
  name: string;
  /** How many tasks stand behind it, and in which states. */
  count: number;
  states: Record<string, number>;
  /** The task's number, where it is one. */
  number?: number;
  x: number;
  y: number;
}

export interface Graph {
  nodes: Node[];
  edges: [number, number][];
  /** Whether tasks of one name were put together. */
  collapsed: boolean;
  width: number;
  height: number;
}

/** More than so many tasks are shown by name. */
export const MOST = 300;
export const WIDTH = 190;
export const HEIGHT = 40;
const GAP_X = 70;
const GAP_Y = 14;

/** Who waited for whom, in layers from left to right. */
export function graphOf(columns: Columns, most = MOST): Graph {
  const collapsed = columns.number.length > most;
  const nodes = new Map<string, Node>();
  const place = new Map<number, string>();
  for (const [at, number] of columns.number.entries()) {
    const name = columns.names[columns.name[at] ?? 0] ?? "";
    const key = collapsed ? `name ${name}` : `task ${number}`;
    const state = columns.states[columns.state[at] ?? 0] ?? "scheduled";
    place.set(number, key);
    const node = nodes.get(key) ?? { key, name, count: 0, states: {}, x: 0, y: 0, ...(collapsed ? {} : { number }) };
    node.count += 1;
    node.states[state] = (node.states[state] ?? 0) + 1;
    nodes.set(key, node);
  }
  const shown = [...nodes.values()].slice(0, most);
  const index = new Map(shown.map((node, at) => [node.key, at]));
  const edges = new Map<string, [number, number]>();
  for (const [at, number] of columns.number.entries()) {
    const to = index.get(place.get(number) ?? "");
    for (const other of columns.upstream[at] ?? []) {
      const from = index.get(place.get(other) ?? "");
      if (from !== undefined && to !== undefined && from !== to) edges.set(`${from} ${to}`, [from, to]);
    }
  }
  return arranged(shown, [...edges.values()], collapsed);
}

function arranged(nodes: Node[], edges: [number, number][], collapsed: boolean): Graph {
  const layers = layered(nodes.length, edges);
  const columns: number[][] = [];
  for (const [at, layer] of layers.entries()) {
    columns[layer] ??= [];
    columns[layer].push(at);
  }
  for (let sweep = 0; sweep < 6; sweep++) untangle(columns, edges, sweep % 2 === 0);
  const tallest = Math.max(1, ...columns.map((column) => column?.length ?? 0));
  for (const [layer, column] of columns.entries()) {
    const top = ((tallest - (column?.length ?? 0)) * (HEIGHT + GAP_Y)) / 2;
    for (const [row, at] of (column ?? []).entries()) {
      const node = nodes[at] as Node;
      node.x = layer * (WIDTH + GAP_X);
      node.y = top + row * (HEIGHT + GAP_Y);
    }
  }
  const width = columns.length * (WIDTH + GAP_X) - GAP_X;
  return { nodes, edges, collapsed, width: Math.max(width, WIDTH), height: tallest * (HEIGHT + GAP_Y) };
}

/** The longest way to each node; ways that come back on themselves, which names put together can have, are cut. */
function layered(size: number, edges: [number, number][]): number[] {
  const layer = new Array<number>(size).fill(0);
  for (let round = 0; round < size; round++) {
    let moved = false;
    for (const [from, to] of edges) {
      const wanted = (layer[from] ?? 0) + 1;
      if ((layer[to] ?? 0) < wanted && wanted < size && wanted < 200) {
        layer[to] = wanted;
        moved = true;
      }
    }
    if (!moved) break;
  }
  const used = [...new Set(layer)].sort((one, other) => one - other);
  return layer.map((one) => used.indexOf(one));
}

/** Order each layer by the middle of its neighbours' places. */
function untangle(columns: number[][], edges: [number, number][], forward: boolean): void {
  const row = new Map<number, number>();
  for (const column of columns) for (const [at, node] of (column ?? []).entries()) row.set(node, at);
  const near = new Map<number, number[]>();
  for (const [from, to] of edges) {
    const [node, other] = forward ? [to, from] : [from, to];
    near.set(node, [...(near.get(node) ?? []), row.get(other) ?? 0]);
  }
  const middle = (node: number) => {
    const rows = near.get(node);
    return rows ? rows.reduce((sum, one) => sum + one, 0) / rows.length : (row.get(node) ?? 0);
  };
  for (const column of columns) column?.sort((one, other) => middle(one) - middle(other));
}
