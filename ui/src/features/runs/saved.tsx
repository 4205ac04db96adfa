import { Bookmark, Star, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "~/components/button";
import { Dialog } from "~/components/dialog";
import { Field, Input } from "~/components/field";
import { isNarrowed, type RunsSearch } from "./search";
import type { useSavedViews } from "./views";

interface Props {
  search: RunsSearch;
  saved: ReturnType<typeof useSavedViews>;
  onChoose: (search: RunsSearch) => void;
}

/** Filters under a name; one of them may be what the list opens with. */
export function SavedViews({ search, saved, onChoose }: Props) {
  const [naming, setNaming] = useState(false);
  const same = (other: RunsSearch) => JSON.stringify(plain(other)) === JSON.stringify(plain(search));
  const isNew = isNarrowed(search) && !saved.views.some((view) => same(view.search));
  if (saved.views.length === 0 && !isNew) return null;
  return (
    <div className="mb-4 flex flex-wrap items-center gap-1.5">
      {saved.views.length > 0 && (
        <Chip on={!isNarrowed(search)} onClick={() => onChoose({})}>
          All runs
        </Chip>
      )}
      {saved.views.map((view) => (
        <span key={view.name} className="inline-flex items-center">
          <Chip on={same(view.search)} onClick={() => onChoose(view.search)}>
            {view.name}
          </Chip>
          {same(view.search) && (
            <>
              <Small
                label={view.first ? "Do not open the list with it" : "Open the list with it"}
                onClick={() => saved.open(view.first ? undefined : view.name)}
              >
                <Star size={13} aria-hidden className={view.first ? "fill-warn text-warn" : ""} />
              </Small>
              <Small label={`Forget ${view.name}`} onClick={() => saved.remove(view.name)}>
                <X size={13} aria-hidden />
              </Small>
            </>
          )}
        </span>
      ))}
      {isNew && (
        <Button size="small" look="quiet" onClick={() => setNaming(true)}>
          <Bookmark size={13} aria-hidden /> Save this view
        </Button>
      )}
      {naming && <Naming onClose={() => setNaming(false)} onSave={(name) => saved.save(name, search)} />}
    </div>
  );
}

function Naming({ onClose, onSave }: { onClose: () => void; onSave: (name: string) => void }) {
  const [name, setName] = useState("");
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (!name.trim()) return;
    onSave(name.trim().slice(0, 60));
    onClose();
  };
  return (
    <Dialog title="Save this view" open onClose={onClose}>
      <form onSubmit={save} className="space-y-4">
        <Field label="Name" hint="Kept in this browser">
          <Input value={name} onChange={(event) => setName(event.target.value)} autoFocus />
        </Field>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Not now</Button>
          <Button type="submit" look="primary">
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Chip({ on, onClick, children }: { on: boolean; onClick: () => void; children: string }) {
  return (
    <button
      type="button"
      onClick={onClick}
      aria-pressed={on}
      className="h-7 max-w-60 truncate rounded-md px-2.5 font-medium text-soft text-xs hover:bg-hover aria-pressed:bg-accent-bg aria-pressed:text-accent"
    >
      {children}
    </button>
  );
}

function Small({ label, onClick, children }: { label: string; onClick: () => void; children: React.ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={onClick}
      className="rounded p-1 text-faint hover:bg-hover hover:text-ink"
    >
      {children}
    </button>
  );
}

function plain({ after: _, ...search }: RunsSearch): unknown {
  return Object.entries(search)
    .filter(([, value]) => value !== undefined)
    .sort(([one], [other]) => one.localeCompare(other));
}
