/** JSON Schema as pydantic writes it, read for a form: pure functions of a schema and the document it stands in. */

export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema | boolean;
  prefixItems?: Schema[];
  additionalProperties?: Schema | boolean;
  format?: string;
  writeOnly?: boolean;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  uniqueItems?: boolean;
}

export type Kind =
  | { kind: "text"; format?: string; long: boolean; secret: boolean }
  | { kind: "number"; integer: boolean }
  | { kind: "boolean" }
  | { kind: "choice"; options: unknown[] }
  | { kind: "several"; options: unknown[] }
  | { kind: "const"; value: unknown }
  | { kind: "list"; item: Schema }
  | { kind: "tuple"; items: Schema[] }
  | { kind: "object"; properties: [string, Schema][]; required: ReadonlySet<string> }
  | { kind: "map"; value: Schema }
  | { kind: "union"; variants: Schema[] }
  | { kind: "json" };

/** A schema with its references followed. nullable: whether it may be null besides. */
export type Shape = { schema: Schema; nullable: boolean } & Kind;

/** Deeper than this a form shows JSON: a schema may hold itself. */
export const DEEPEST = 8;
const LONG_TEXT = 200;
const FEW_OPTIONS = 12;

/** What control a schema asks for; JSON for whatever has none. */
export function shapeOf(given: Schema, root: Schema, depth = 0): Shape {
  const { schema, nullable } = withoutNull(resolve(given, root), root);
  return { schema, nullable, ...(depth > DEEPEST ? { kind: "json" } : kindOf(schema, root)) };
}

/** The schema with `$ref`, and `allOf` of one, followed; what stands beside a reference goes before what it leads to. */
export function resolve(given: Schema, root: Schema, depth = 0): Schema {
  const only = given.allOf?.length === 1 ? given.allOf[0] : undefined;
  if (depth > 20 || (!given.$ref && !only)) return given;
  const { $ref, allOf: _, ...beside } = given;
  const target = only ?? root.$defs?.[($ref ?? "").replace(/^#\/(\$defs|definitions)\//, "")];
  return target ? { ...resolve(target, root, depth + 1), ...beside } : beside;
}

/** What a person calls it: its title, else its name in words. */
export function labelOf(name: string, schema: Schema): string {
  if (schema.title) return schema.title;
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a form begins with: the defaults that the schema states, over them `given`. What has none is left out, and the
 * flow's own default is used (pydantic states none for a `default_factory`). */
export function beginning(root: Schema, given: Record<string, unknown> = {}): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(root.properties ?? {})) {
    const fallback = resolve(property, root).default;
    if (fallback !== undefined) found[name] = structuredClone(fallback);
  }
  return { ...found, ...given };
}

/** A value to begin with, when somebody asks for one: as empty as the schema allows. */
export function blank(given: Schema, root: Schema, depth = 0): unknown {
  const shape = shapeOf(given, root, depth);
  if (shape.schema.default !== undefined) return structuredClone(shape.schema.default);
  switch (shape.kind) {
    case "text":
      return "";
    case "number":
      return undefined;
    case "boolean":
      return false;
    case "choice":
      return shape.options[0];
    case "const":
      return shape.value;
    case "list":
    case "several":
      return [];
    case "tuple":
      return shape.items.map((item) => blank(item, root, depth + 1) ?? null);
    case "object":
      return Object.fromEntries(
        shape.properties
          .filter(([name, property]) => shape.required.has(name) || resolve(property, root).default !== undefined)
          .map(([name, property]) => [name, blank(property, root, depth + 1)])
          .filter(([, value]) => value !== undefined),
      );
    case "map":
      return {};
    case "union":
      return shape.variants[0] ? blank(shape.variants[0], root, depth + 1) : null;
    case "json":
      return null;
  }
}

/** Which variant of a union a value is; the first for what is none. */
export function variantOf(value: unknown, variants: Schema[], root: Schema): number {
  const scores = variants.map((variant) => likeness(value, resolve(variant, root), root));
  return Math.max(0, scores.indexOf(Math.max(...scores)));
}

/** What a variant of a union is called. */
export function variantName(given: Schema, root: Schema): string {
  const schema = resolve(given, root);
  if (schema.title) return schema.title;
  if (schema.const !== undefined) return spelled(schema.const);
  const type = Array.isArray(schema.type) ? schema.type.join(" or ") : schema.type;
  const names: Record<string, string> = {
    string: "Text",
    integer: "Whole number",
    number: "Number",
    boolean: "Yes or no",
  };
  return names[schema.format ?? ""] ?? names[type ?? ""] ?? { array: "List", object: "Fields" }[type ?? ""] ?? "JSON";
}

/** An option as it is shown. */
export function spelled(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The paths of what is secret in a value: never kept in the browser, never part of a link. */
export function withoutSecrets(value: Record<string, unknown>, root: Schema): Record<string, unknown> {
  return strip(value, root, root, 0) as Record<string, unknown>;
}

function strip(value: unknown, given: Schema, root: Schema, depth: number): unknown {
  const shape = shapeOf(given, root, depth);
  if (shape.kind === "text" && shape.secret) return undefined;
  const variant = shape.kind === "union" ? shape.variants[variantOf(value, shape.variants, root)] : undefined;
  if (variant) return strip(value, variant, root, depth + 1);
  if (Array.isArray(value)) {
    const item = shape.kind === "list" ? shape.item : undefined;
    return item ? value.map((each) => strip(each, item, root, depth + 1) ?? null) : value;
  }
  if (!isObject(value)) return value;
  const of = new Map(shape.kind === "object" ? shape.properties : Object.entries(given.properties ?? {}));
  const entries = Object.entries(value).map(([name, each]): [string, unknown] => {
    const property = of.get(name) ?? (shape.kind === "map" ? shape.value : undefined);
    return [name, property ? strip(each, property, root, depth + 1) : each];
  });
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
}

function kindOf(schema: Schema, root: Schema): Kind {
  if (schema.const !== undefined) return { kind: "const", value: schema.const };
  if (schema.enum) return { kind: "choice", options: schema.enum };
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants?.length) return { kind: "union", variants };
  switch (schema.type) {
    case "string":
      return { kind: "text", format: schema.format, long: isLong(schema), secret: isSecret(schema) };
    case "integer":
      return { kind: "number", integer: true };
    case "number":
      return { kind: "number", integer: false };
    case "boolean":
      return { kind: "boolean" };
    case "array":
      return listKind(schema, root);
    case "object":
      return objectKind(schema);
  }
  return schema.properties ? objectKind(schema) : { kind: "json" };
}

function listKind(schema: Schema, root: Schema): Kind {
  if (schema.prefixItems && !schema.items) return { kind: "tuple", items: schema.prefixItems };
  if (typeof schema.items !== "object") return { kind: "json" };
  const options = resolve(schema.items, root).enum;
  if (schema.uniqueItems && options && options.length <= FEW_OPTIONS) return { kind: "several", options };
  return Object.keys(schema.items).length ? { kind: "list", item: schema.items } : { kind: "json" };
}

function objectKind(schema: Schema): Kind {
  if (schema.properties) {
    return { kind: "object", properties: Object.entries(schema.properties), required: new Set(schema.required) };
  }
  const of = schema.additionalProperties;
  return typeof of === "object" && Object.keys(of).length ? { kind: "map", value: of } : { kind: "json" };
}

/** `X | None` is X that may be null; a type of ["string", "null"] as well. */
function withoutNull(schema: Schema, root: Schema): { schema: Schema; nullable: boolean } {
  const key = schema.anyOf ? "anyOf" : "oneOf";
  const variants = schema[key];
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((type) => type !== "null");
    const only = types.length === 1 ? types[0] : undefined;
    return { schema: { ...schema, type: only ?? types }, nullable: types.length < schema.type.length };
  }
  if (!variants) return { schema, nullable: false };
  const others = variants.filter((variant) => resolve(variant, root).type !== "null");
  if (others.length === variants.length) return { schema, nullable: false };
  const { [key]: _, ...beside } = schema;
  const only = others.length === 1 ? others[0] : undefined;
  if (!only) return { schema: { ...beside, [key]: others }, nullable: true };
  const inner = withoutNull(resolve(only, root), root).schema;
  return { schema: { ...inner, ...beside }, nullable: true };
}

function isLong(schema: Schema): boolean {
  return !schema.format && ((schema.maxLength ?? 0) > LONG_TEXT || String(schema.default ?? "").includes("\n"));
}

function isSecret(schema: Schema): boolean {
  return schema.format === "password" || schema.writeOnly === true;
}

function likeness(value: unknown, schema: Schema, root: Schema): number {
  if (schema.const !== undefined) return schema.const === value ? 5 : -1;
  if (schema.enum) return schema.enum.includes(value) ? 4 : -1;
  const types = [schema.type ?? (schema.properties ? "object" : "")].flat();
  if (isObject(value) && types.includes("object")) return 1 + alike(value, schema, root);
  if (Array.isArray(value)) return types.includes("array") ? 3 : -1;
  if (typeof value === "number") {
    return types.includes("integer") && Number.isInteger(value) ? 4 : types.includes("number") ? 3 : -1;
  }
  return types.includes(typeof value) ? 3 : types.includes("") ? 0 : -1;
}

/** Of a value's keys, how many a schema has; a constant that differs (a discriminator) rules the schema out. */
function alike(value: Record<string, unknown>, schema: Schema, root: Schema): number {
  let found = 0;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (!(name in value)) continue;
    const expected = resolve(property, root).const;
    if (expected !== undefined && expected !== value[name]) return -3;
    found += expected === undefined ? 1 : 5;
  }
  return found;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
