/** A place in a document of JSON, and documents that differ from another in one place. */

export type Path = readonly (string | number)[];

/** A path as a key of maps and an element's id. */
export function keyOf(path: Path): string {
  return JSON.stringify(path);
}

export function valueAt(document: unknown, path: Path): unknown {
  let found = document;
  for (const part of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Record<string | number, unknown>)[part];
  }
  return found;
}

/** The document with `value` at a place; undefined leaves the place out of an object, and takes it out of a list. */
export function withValue(document: unknown, path: Path, value: unknown): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  const inner = withValue(valueAt(document, [part]), rest, value);
  if (typeof part === "number") {
    const list = Array.isArray(document) ? [...document] : [];
    if (inner === undefined) list.splice(part, 1);
    else list[part] = inner;
    return list;
  }
  const { [part]: before, ...others } = (document ?? {}) as Record<string, unknown>;
  if (inner === undefined) return others;
  // Where it was, for whoever reads the JSON; a new one comes last.
  return before === undefined ? { ...others, [part]: inner } : { ...(document as object), [part]: inner };
}

/** How many bytes the server would count. */
export function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value) ?? "").length;
}

export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

/** The entries of `value` that `base` has not, or has otherwise. */
export function differing(value: Record<string, unknown>, base: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([name, each]) => !same(each, base[name])));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, each]) => [name, sorted(each)]),
  );
}
