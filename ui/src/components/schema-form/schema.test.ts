import { describe, expect, it } from "vitest";
import { beginning, blank, labelOf, type Schema, shapeOf, variantOf, withoutSecrets } from "./schema";

const ROOT: Schema = {
  type: "object",
  $defs: {
    Colour: { type: "string", enum: ["red", "blue"], title: "Colour" },
    Node: { type: "object", properties: { next: { anyOf: [{ $ref: "#/$defs/Node" }, { type: "null" }] } } },
    Cat: { type: "object", title: "Cat", properties: { kind: { const: "cat" }, lives: { type: "integer" } } },
    Dog: { type: "object", title: "Dog", properties: { kind: { const: "dog" }, name: { type: "string" } } },
  },
  properties: {
    states: { type: "array", items: { type: "string" }, title: "States" },
    count: { type: "integer", default: 3 },
    colour: { $ref: "#/$defs/Colour", default: "red", description: "Of the map" },
    token: { type: "string", format: "password" },
    inner: { type: "object", properties: { key: { type: "string", writeOnly: true }, plain: { type: "string" } } },
  },
};

const kind = (schema: Schema) => shapeOf(schema, ROOT).kind;

describe("shapeOf", () => {
  it("finds a control for what pydantic writes", () => {
    expect(kind({ type: "string" })).toBe("text");
    expect(kind({ $ref: "#/$defs/Colour" })).toBe("choice");
    expect(kind({ allOf: [{ $ref: "#/$defs/Colour" }] })).toBe("choice");
    expect(kind({ type: "array", items: { $ref: "#/$defs/Colour" }, uniqueItems: true })).toBe("several");
    expect(kind({ type: "array", prefixItems: [{ type: "string" }, { type: "integer" }] })).toBe("tuple");
    expect(kind({ type: "object", additionalProperties: { type: "integer" } })).toBe("map");
    expect(kind({ anyOf: [{ type: "string" }, { type: "integer" }] })).toBe("union");
    for (const any of [{}, { type: "array", items: {} }, { type: "object", additionalProperties: true }]) {
      expect(kind(any)).toBe("json");
    }
  });

  it("takes X or null for an X that may be null, and keeps what stands beside it", () => {
    const shape = shapeOf({ anyOf: [{ type: "integer" }, { type: "null" }], title: "Days", default: null }, ROOT);
    expect(shape).toMatchObject({ kind: "number", integer: true, nullable: true, schema: { title: "Days" } });
    const both = shapeOf({ anyOf: [{ type: "integer" }, { type: "string" }, { type: "null" }] }, ROOT);
    expect(both).toMatchObject({ kind: "union", nullable: true, variants: [{ type: "integer" }, { type: "string" }] });
    expect(shapeOf({ type: ["string", "null"] }, ROOT)).toMatchObject({ kind: "text", nullable: true });
  });

  it("follows a reference with its description", () => {
    const shape = shapeOf({ $ref: "#/$defs/Colour", description: "Of the map" }, ROOT);
    expect(shape.schema).toMatchObject({ title: "Colour", description: "Of the map" });
  });

  it("ends a schema that holds itself", () => {
    expect(shapeOf({ $ref: "#/$defs/Node" }, ROOT, 9).kind).toBe("json");
    expect(blank({ $ref: "#/$defs/Node" }, ROOT)).toEqual({});
    const loop: Schema = { $defs: { A: { $ref: "#/$defs/A" } } };
    expect(shapeOf({ $ref: "#/$defs/A" }, loop).kind).toBe("json");
  });
});

describe("beginning", () => {
  it("has the defaults that are stated, and leaves out those of a factory", () => {
    expect(beginning(ROOT)).toEqual({ count: 3, colour: "red" });
    expect(beginning(ROOT, { count: 5, states: ["PA"] })).toEqual({ count: 5, colour: "red", states: ["PA"] });
  });
});

describe("variantOf", () => {
  const pets = [{ $ref: "#/$defs/Cat" }, { $ref: "#/$defs/Dog" }];
  it("knows an object by its constant", () => {
    expect(variantOf({ kind: "dog", name: "Rex" }, pets, ROOT)).toBe(1);
    expect(variantOf({ kind: "cat" }, pets, ROOT)).toBe(0);
  });
  it("knows plain values by their type", () => {
    const variants: Schema[] = [{ type: "string" }, { type: "integer" }, { type: "array", items: {} }];
    expect(["x", 3, [1]].map((value) => variantOf(value, variants, ROOT))).toEqual([0, 1, 2]);
    expect(variantOf(undefined, variants, ROOT)).toBe(0);
  });
});

it("calls a field by its title, else by its name in words", () => {
  expect(labelOf("source_code", {})).toBe("Source code");
  expect(labelOf("sourceCode", {})).toBe("Source Code");
  expect(labelOf("x", { title: "States" })).toBe("States");
});

it("keeps no secret", () => {
  const typed = { token: "hush", count: 1, inner: { key: "hush", plain: "seen" } };
  expect(withoutSecrets(typed, ROOT)).toEqual({ count: 1, inner: { plain: "seen" } });
});
