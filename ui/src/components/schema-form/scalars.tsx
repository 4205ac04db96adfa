import { Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { Input, Select } from "~/components/field";
import { type Kind, type Shape, spelled } from "./schema";

/** What every control of a value is given: the label's element, and what is wrong with it, by their ids. */
export interface ControlProps<K extends Kind["kind"]> {
  shape: Shape & { kind: K };
  value: unknown;
  /** undefined: left out, so that the flow's own default is used. */
  onChange: (value: unknown) => void;
  id: string;
  invalid: boolean;
  describedBy?: string;
  required: boolean;
}

const AREA =
  "w-full min-w-0 rounded-md border border-line-strong bg-card px-2.5 py-1.5 text-ink placeholder:text-faint aria-invalid:border-bad";
const NAIVE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/;

export function TextControl({ shape, value, onChange, id, invalid, describedBy }: ControlProps<"text">) {
  const [seen, setSeen] = useState(false);
  const text = value === undefined || value === null ? "" : spelled(value);
  const common = {
    id,
    value: text,
    "aria-invalid": invalid,
    "aria-describedby": describedBy,
    placeholder: placeholderOf(shape, value),
    autoComplete: "off",
    spellCheck: false,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value || emptied(shape)),
  };
  if (shape.long || text.includes("\n") || text.length > 120) {
    return <textarea rows={Math.min(12, Math.max(3, text.split("\n").length))} className={AREA} {...common} />;
  }
  if (shape.secret) {
    return (
      <span className="flex gap-1">
        <Input type={seen ? "text" : "password"} className="w-full" {...common} autoComplete="new-password" />
        <button
          type="button"
          aria-label={seen ? "Hide" : "Show"}
          aria-pressed={seen}
          onClick={() => setSeen(!seen)}
          className="rounded p-1.5 text-faint hover:bg-hover hover:text-ink"
        >
          {seen ? <EyeOff size={16} aria-hidden /> : <Eye size={16} aria-hidden />}
        </button>
      </span>
    );
  }
  return <Input type={inputType(shape.format, text)} step="any" className="w-full" {...common} />;
}

export function NumberControl({ shape, value, onChange, id, invalid, describedBy }: ControlProps<"number">) {
  const [typed, setTyped] = useState("");
  const kept = value === undefined || value === null ? "" : spelled(value);
  // "1." and "1e" are on their way to a number: what was typed is shown while it means what is stored.
  const text = meant(typed, shape.integer) === value && typed !== "" ? typed : kept;
  return (
    <Input
      id={id}
      type="text"
      inputMode={shape.integer ? "numeric" : "decimal"}
      className="w-48"
      value={text}
      aria-invalid={invalid}
      aria-describedby={describedBy}
      placeholder={placeholderOf(shape, value)}
      autoComplete="off"
      onChange={(event) => {
        setTyped(event.target.value);
        onChange(event.target.value.trim() === "" ? emptied(shape) : meant(event.target.value, shape.integer));
      }}
    />
  );
}

export function BooleanControl({ shape, value, onChange, id, describedBy, required }: ControlProps<"boolean">) {
  if (typeof value === "boolean" && !shape.nullable) {
    return (
      <span className="flex items-center">
        <input
          id={id}
          type="checkbox"
          className="size-4 accent-accent"
          checked={value}
          aria-describedby={describedBy}
          onChange={(event) => onChange(event.target.checked)}
        />
      </span>
    );
  }
  const options: [string, unknown][] = [
    ["Yes", true],
    ["No", false],
  ];
  if (shape.nullable) options.push(["Nothing", null]);
  return <Options {...{ options, value, onChange, id, describedBy, required }} />;
}

export function ChoiceControl({ shape, value, onChange, id, describedBy, required }: ControlProps<"choice">) {
  const options = shape.options.map((option): [string, unknown] => [spelled(option), option]);
  if (shape.nullable && !shape.options.includes(null)) options.push(["Nothing", null]);
  return <Options {...{ options, value, onChange, id, describedBy, required }} />;
}

export function SeveralControl({ shape, value, onChange, id, describedBy }: ControlProps<"several">) {
  const chosen = Array.isArray(value) ? value : [];
  return (
    <fieldset id={id} aria-describedby={describedBy} className="flex flex-wrap gap-x-4 gap-y-1">
      {shape.options.map((option) => (
        <label key={spelled(option)} className="flex items-center gap-2">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={chosen.includes(option)}
            onChange={(event) =>
              onChange(shape.options.filter((one) => (one === option ? event.target.checked : chosen.includes(one))))
            }
          />
          {spelled(option)}
        </label>
      ))}
    </fieldset>
  );
}

interface OptionsProps {
  options: [string, unknown][];
  value: unknown;
  onChange: (value: unknown) => void;
  id: string;
  describedBy?: string;
  required: boolean;
}

function Options({ options, value, onChange, id, describedBy, required }: OptionsProps) {
  const at = options.findIndex(([, option]) => option === value);
  const strange = at < 0 && value !== undefined;
  return (
    <Select
      id={id}
      className="w-fit max-w-full"
      aria-describedby={describedBy}
      value={at < 0 ? (strange ? "strange" : "") : at}
      onChange={(event) => onChange(event.target.value === "" ? undefined : options[Number(event.target.value)]?.[1])}
    >
      {(at < 0 || !required) && <option value="">{required ? "Choose…" : "Left out"}</option>}
      {strange && <option value="strange">{spelled(value)}</option>}
      {options.map(([name], number) => (
        <option key={number} value={number}>
          {name}
        </option>
      ))}
    </Select>
  );
}

/** What a text means: a number, or the text itself, which the server will call wrong. */
function meant(text: string, integer: boolean): unknown {
  const number = Number(text.trim().replace(/[_ ]/g, ""));
  const fits = text.trim() !== "" && Number.isFinite(number) && (!integer || Number.isSafeInteger(number));
  return fits ? number : text;
}

/** What a control that was emptied stands for. */
function emptied({ schema, nullable, kind }: Shape): unknown {
  if (nullable) return null;
  return kind === "text" && schema.default !== undefined ? "" : undefined;
}

function placeholderOf({ schema, nullable }: Shape, value: unknown): string {
  if (value === null && nullable) return "nothing";
  if (schema.format === "date-time") return "2026-01-31T09:00:00Z";
  return "";
}

function inputType(format: string | undefined, text: string): string {
  if (format === "date") return "date";
  if (format === "time" && !/[Zz+]/.test(text)) return "time";
  if (format === "date-time" && (text === "" || NAIVE.test(text))) return "datetime-local";
  return "text";
}
