import { useCallback, useMemo, useRef, useState } from "react";
import { isObject, type Schema } from "./schema";
import { bytesOf, keyOf, type Path, same, valueAt, withValue } from "./values";

/** What the server takes of parameters. */
export const MOST_BYTES = 256_000;

export type Values = Record<string, unknown>;

/** Everything that was typed. There is one copy of it: the form and the JSON view both show `value`; `text` and `broken`
 * hold only what is no JSON yet. */
export interface FormState {
  value: Values;
  view: "form" | "json";
  /** The JSON view's text while it is not valid. */
  text?: string;
  /** The text of JSON fields that is not valid, by the key of their path. */
  broken: Record<string, string>;
  /** Variants of unions that were chosen, by the key of their path. */
  chosen: Record<string, number>;
}

/** Something that cannot be used, at a place of the form. */
export interface Misfit {
  path: Path;
  message: string;
}

export interface FormStore {
  schema: Schema;
  state: FormState;
  misfits: readonly Misfit[];
  bytes: number;
  /** Why it cannot be sent, whatever the server would say. */
  blocked: string | undefined;
  set: (path: Path, value: unknown) => void;
  setBroken: (path: Path, text: string | undefined) => void;
  choose: (path: Path, variant: number, value: unknown) => void;
  setText: (text: string) => void;
  show: (view: "form" | "json") => void;
  replace: (value: Values) => void;
  setMisfits: (misfits: readonly Misfit[]) => void;
}

export function initialState(value: Values): FormState {
  return { value, view: "form", broken: {}, chosen: {} };
}

/** The store of a form that begins with values, or with all that was typed before. What it begins with later is ignored. */
export function useFormStore(schema: Schema, begin: Values | (() => FormState)): FormStore {
  const [state, setState] = useState(() =>
    typeof begin === "function" ? (begin as () => FormState)() : initialState(begin),
  );
  const [misfits, setMisfits] = useState<readonly Misfit[]>([]);
  const latest = useRef(state);
  latest.current = state;

  const change = useCallback((next: (state: FormState) => FormState, path?: Path) => {
    setState(next);
    // What is edited is not wrong any more until it is looked at again.
    if (path) setMisfits((known) => (known.length ? known.filter((misfit) => !startsWith(misfit.path, path)) : known));
  }, []);

  const actions = useMemo(
    () => ({
      set: (path: Path, value: unknown) => change((state) => withEdit(state, path, value), path),
      setBroken: (path: Path, text: string | undefined) =>
        change((state) => ({ ...state, broken: put(state.broken, keyOf(path), text) }), path),
      choose: (path: Path, variant: number, value: unknown) =>
        change((state) => {
          const edited = withEdit(state, path, value);
          return { ...edited, chosen: { ...edited.chosen, [keyOf(path)]: variant } };
        }, path),
      setText: (text: string) => change((state) => withText(state, text), []),
      show: (view: "form" | "json") => change((state) => ({ ...state, view })),
      replace: (value: Values) => {
        change((state) => ({ ...initialState(value), view: state.view }), []);
      },
      setMisfits,
    }),
    [change],
  );
  const bytes = useMemo(() => bytesOf(state.value), [state.value]);
  return { schema, state, misfits, bytes, blocked: whyBlocked(state, bytes), ...actions };
}

/** The state after an edit of one place: choices and broken texts below it are about something that is gone. */
export function withEdit(state: FormState, path: Path, value: unknown): FormState {
  const list = Array.isArray(valueAt(state.value, path)) && Array.isArray(value);
  const moved = value === undefined || (list && (value as unknown[]).length !== listLength(state.value, path));
  const kept = (entries: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(entries).filter(([key]) => !(moved && isBelow(key, path))));
  return {
    ...state,
    value: withValue(state.value, path, value) as Values,
    broken: put(kept(state.broken) as FormState["broken"], keyOf(path), undefined),
    chosen: kept(state.chosen) as FormState["chosen"],
  };
}

/** The state after an edit of the JSON view: its text is kept as it is while it is not a document. */
export function withText(state: FormState, text: string): FormState {
  const value = parsed(text);
  if (!isObject(value)) return { ...state, text };
  if (same(value, state.value)) return { ...state, text: undefined };
  return { ...state, text: undefined, value, broken: {}, chosen: {} };
}

export function whyBlocked(state: FormState, bytes: number): string | undefined {
  if (state.text !== undefined) return "The JSON is not a complete object yet";
  if (Object.keys(state.broken).length) return "A field holds text that is not JSON yet";
  if (bytes > MOST_BYTES) {
    return `These values take ${Math.ceil(bytes / 1000)} KB; a run takes at most ${MOST_BYTES / 1000} KB. Put the data into a file or a table, and pass its name`;
  }
  return undefined;
}

/** The value of a text, undefined if it is not JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function put<T>(map: Record<string, T>, key: string, value: T | undefined): Record<string, T> {
  const { [key]: _, ...others } = map;
  return value === undefined ? others : { ...others, [key]: value };
}

function isBelow(key: string, path: Path): boolean {
  return startsWith(JSON.parse(key) as Path, path);
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((part, at) => path[at] === part);
}

function listLength(document: unknown, path: Path): number {
  const found = valueAt(document, path);
  return Array.isArray(found) ? found.length : -1;
}
