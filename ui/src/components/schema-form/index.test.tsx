// @vitest-environment jsdom
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { beginning, type FormStore, initialState, type Schema, SchemaForm, useFormStore, type Values } from "./index";

const SCHEMA: Schema = {
  type: "object",
  $defs: {
    Target: {
      type: "object",
      title: "Target",
      properties: {
        table: { type: "string", title: "Table" },
        keep: { type: "boolean", default: true, title: "Keep" },
      },
      required: ["table"],
    },
    Mode: { enum: ["append", "replace"], type: "string" },
  },
  properties: {
    states: { type: "array", items: { type: "string" }, title: "States" },
    count: { type: "integer", title: "Count", default: 3 },
    day: { type: "string", format: "date", title: "Day" },
    mode: { $ref: "#/$defs/Mode", title: "Mode", default: "append" },
    target: { $ref: "#/$defs/Target", title: "Target" },
    extra: { title: "Extra" },
    note: { anyOf: [{ type: "string" }, { type: "null" }], default: null, title: "Note" },
    either: { anyOf: [{ type: "integer" }, { type: "string" }], title: "Either" },
  },
  required: ["count"],
};

let store: FormStore;

function Form({ schema = SCHEMA, begin }: { schema?: Schema; begin?: Values }) {
  store = useFormStore(schema, () => initialState(begin ?? beginning(schema)));
  return <SchemaForm store={store} />;
}

const value = () => store.state.value;
const user = userEvent.setup();

it("begins with the stated defaults and leaves the others out", () => {
  render(<Form />);
  expect(value()).toEqual({ count: 3, mode: "append", note: null });
  expect(screen.getByLabelText("Count")).toHaveProperty("value", "3");
  expect(screen.getAllByText(/own default is used/)).toHaveLength(4);
});

const frame = () => new Promise(requestAnimationFrame);

it("is filled by keyboard only", async () => {
  render(<Form />);
  await user.tab(); // Form
  await user.tab(); // JSON
  await user.tab(); // Set States
  await user.keyboard("{Enter}");
  await frame();
  expect(document.activeElement?.textContent).toContain("Add");
  await user.keyboard("{Enter}");
  await frame();
  await user.keyboard("PA{Enter}");
  await frame();
  await user.keyboard("OH");
  expect(value().states).toEqual(["PA", "OH"]);
  for (let step = 0; step < 3; step++) await user.tab(); // remove, add, Count
  await user.keyboard("{Backspace}12");
  await user.tab();
  await user.tab();
  expect(value()).toMatchObject({ count: 12 });
  expect(document.activeElement).toBe(screen.getByLabelText("Mode"));
  await user.selectOptions(screen.getByLabelText("Mode"), "replace");
  await user.click(screen.getByRole("button", { name: "Remove States 2" }));
  await frame();
  expect(document.activeElement).toBe(screen.getByLabelText("States 1"));
});

it("keeps what is typed on its way to a number, and hands the server what is none", async () => {
  render(<Form schema={{ type: "object", properties: { rate: { type: "number", title: "Rate" } } }} />);
  const field = screen.getByLabelText<HTMLInputElement>("Rate");
  await user.type(field, "1.");
  expect([field.value, value().rate]).toEqual(["1.", 1]);
  await user.type(field, "5x");
  expect([field.value, value().rate]).toEqual(["1.5x", "1.5x"]);
  await user.clear(field);
  expect(value()).toEqual({});
});

it("shows an edit of one view in the other", async () => {
  render(<Form />);
  await user.type(screen.getByLabelText("Note"), "late");
  await user.click(screen.getByRole("radio", { name: "JSON" }));
  const text = screen.getByLabelText<HTMLTextAreaElement>("All parameters as JSON");
  expect(JSON.parse(text.value)).toEqual({ count: 3, mode: "append", note: "late" });
  await user.clear(text);
  await user.paste('{"count": 7, "day": "2026-11-03"');
  expect(screen.getByRole("radio", { name: "Form" })).toHaveProperty("disabled", true);
  expect(store.blocked).toBeDefined();
  await user.type(text, "}");
  await user.click(screen.getByRole("radio", { name: "Form" }));
  expect(screen.getByLabelText("Day")).toHaveProperty("value", "2026-11-03");
  expect(value()).toEqual({ count: 7, day: "2026-11-03" });
});

it("shows fields inside of fields, and leaves them out again", async () => {
  render(<Form />);
  await user.click(screen.getByRole("button", { name: "Set Target" }));
  expect(value().target).toEqual({ table: "", keep: true });
  await user.type(screen.getByLabelText("Table"), "voters");
  await user.click(screen.getByLabelText("Keep"));
  expect(value().target).toEqual({ table: "voters", keep: false });
  await user.click(screen.getByRole("button", { name: "leave out Target" }));
  expect("target" in value()).toBe(false);
});

it("falls back to JSON, and keeps what is not JSON yet", async () => {
  render(<Form />);
  await user.click(screen.getByRole("button", { name: "Set Extra" }));
  const text = screen.getByLabelText<HTMLTextAreaElement>("Extra");
  await user.clear(text);
  await user.paste('{"a": [1');
  expect(text.value).toBe('{"a": [1');
  expect(store.blocked).toBeDefined();
  await user.paste("]}");
  expect(value().extra).toEqual({ a: [1] });
});

it("chooses between kinds", async () => {
  render(<Form />);
  await user.click(screen.getByRole("button", { name: "Set Either" }));
  await user.selectOptions(screen.getByLabelText("Kind of Either"), "Text");
  await user.type(screen.getByLabelText("Either", { selector: "input" }), "x");
  expect(value().either).toBe("x");
});

it("says at a field what is wrong with it, until it is edited", async () => {
  render(<Form begin={{ count: 3, states: ["PA", "Ohio"] }} />);
  const { act } = await import("@testing-library/react");
  act(() =>
    store.setMisfits([
      { path: ["states", 1], message: "is too long" },
      { path: ["extra", "a"], message: "is not known" },
      { path: ["nowhere"], message: "the flow takes no such parameter" },
    ]),
  );
  expect(screen.getAllByRole("alert").map((one) => one.textContent)).toEqual([
    "nowhere: the flow takes no such parameter",
    "is too long",
    "a: is not known",
  ]);
  await user.type(screen.getByLabelText("States 2"), "!");
  expect(screen.queryByText("is too long")).toBeNull();
});

it("makes rows of pasted lines, and JSON of a list that is too long for rows", async () => {
  render(<Form begin={{ states: [""] }} />);
  await user.click(screen.getByLabelText("States 1"));
  await user.paste("PA\nOH\n\nMI");
  expect(value().states).toEqual(["PA", "OH", "MI"]);
  const { act } = await import("@testing-library/react");
  act(() => store.replace({ states: Array.from({ length: 20_000 }, (_, at) => `s${at}`) }));
  expect(screen.getByText(/20,000 items/)).toBeTruthy();
  expect(document.querySelectorAll("input").length).toBeLessThan(20);
});
