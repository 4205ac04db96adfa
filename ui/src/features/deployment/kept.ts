/** What the form of a deployment leaves in the browser: a draft for this tab, presets for this person. No secrets. */

import { type FormState, isObjectValue, type Schema, type Values, withoutSecrets } from "~/components/schema-form";
import { here } from "~/lib/api";

export interface Preset {
  name: string;
  values: Values;
}

export const MOST_PRESETS = 30;

interface Draft {
  /** The link's values that the form began with, as text: another link is another form. */
  origin: string;
  state: FormState;
}

export function keptDraft(deployment: string, origin: string): FormState | undefined {
  const found = read(sessionStorage, key("draft", deployment)) as Draft | undefined;
  return found?.origin === origin && isObjectValue(found.state?.value) ? found.state : undefined;
}

/** Keep what was typed, for when the page comes back: after a login, a reload, a look at another page. */
export function keepDraft(deployment: string, origin: string, state: FormState, schema: Schema): void {
  const kept: Draft = { origin, state: { ...state, value: withoutSecrets(state.value, schema) } };
  write(sessionStorage, key("draft", deployment), kept);
}

export function dropDraft(deployment: string): void {
  sessionStorage.removeItem(key("draft", deployment));
}

export function presets(deployment: string): Preset[] {
  const found = read(localStorage, key("presets", deployment));
  return Array.isArray(found) ? found.filter((one) => typeof one?.name === "string" && isObjectValue(one.values)) : [];
}

/** Keep a preset under its name; an earlier one of that name is replaced. Returns whether the browser took it. */
export function keepPreset(deployment: string, preset: Preset): boolean {
  const others = presets(deployment).filter((one) => one.name !== preset.name);
  const kept = [...others, preset].sort((one, other) => one.name.localeCompare(other.name));
  return kept.length <= MOST_PRESETS && write(localStorage, key("presets", deployment), kept);
}

export function dropPreset(deployment: string, name: string): void {
  write(
    localStorage,
    key("presets", deployment),
    presets(deployment).filter((one) => one.name !== name),
  );
}

function key(kind: string, deployment: string): string {
  return `turnout:${kind}:${here.project}:${here.environment}:${deployment}`;
}

function read(storage: Storage, name: string): unknown {
  try {
    return JSON.parse(storage.getItem(name) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

function write(storage: Storage, name: string, value: unknown): boolean {
  try {
    storage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false; // full, or switched off
  }
}
