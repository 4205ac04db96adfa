import { Trash2 } from "lucide-react";
import { useState } from "react";
import { Button } from "~/components/button";
import { Dialog } from "~/components/dialog";
import { Field, Input, Select } from "~/components/field";
import { type FormStore, type Values, withoutSecrets } from "~/components/schema-form";
import { done, failed } from "~/components/toast";
import { dropPreset, keepPreset, MOST_PRESETS, presets } from "./kept";

/** Sets of values under a name, kept in this browser. */
export function Presets({ deployment, store, base }: { deployment: string; store: FormStore; base: Values }) {
  const [known, setKnown] = useState(() => presets(deployment));
  const [current, setCurrent] = useState("");
  const [naming, setNaming] = useState(false);
  const load = (name: string) => {
    setCurrent(name);
    const found = known.find((one) => one.name === name);
    if (found) store.replace({ ...base, ...found.values });
  };
  const save = (name: string) => {
    const kept = keepPreset(deployment, { name, values: withoutSecrets(store.state.value, store.schema) });
    if (!kept) return failed({ title: `The browser keeps no more than ${MOST_PRESETS} presets`, status: 0 });
    setKnown(presets(deployment));
    setCurrent(name);
    setNaming(false);
    done(`Preset ${name} is kept in this browser`);
  };
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {known.length > 0 && (
        <Select aria-label="Preset" className="max-w-44" value={current} onChange={(event) => load(event.target.value)}>
          <option value="">Presets…</option>
          {known.map((preset) => (
            <option key={preset.name}>{preset.name}</option>
          ))}
        </Select>
      )}
      {current && (
        <button
          type="button"
          aria-label={`Forget preset ${current}`}
          title={`Forget preset ${current}`}
          className="rounded p-1.5 text-faint hover:bg-hover hover:text-ink"
          onClick={() => {
            dropPreset(deployment, current);
            setKnown(presets(deployment));
            setCurrent("");
          }}
        >
          <Trash2 size={14} aria-hidden />
        </button>
      )}
      <Button size="small" look="quiet" onClick={() => setNaming(true)}>
        Save as preset…
      </Button>
      <NameDialog open={naming} first={current} onClose={() => setNaming(false)} onSave={save} />
    </div>
  );
}

interface NameDialogProps {
  open: boolean;
  first: string;
  onClose: () => void;
  onSave: (name: string) => void;
}

function NameDialog({ open, first, onClose, onSave }: NameDialogProps) {
  const [name, setName] = useState(first);
  const save = () => name.trim() && onSave(name.trim());
  return (
    <Dialog
      title="Save as preset"
      open={open}
      onClose={onClose}
      footer={
        <Button look="primary" disabled={!name.trim()} onClick={save}>
          Save
        </Button>
      }
    >
      {/* No form: the dialog stands inside of the one that starts a run. */}
      <Field label="Name" hint="Kept in this browser, without what is secret. To share the values, copy the link.">
        <Input
          value={name}
          maxLength={80}
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key !== "Enter") return;
            event.preventDefault();
            save();
          }}
        />
      </Field>
    </Dialog>
  );
}
