import { Link } from "@tanstack/react-router";
import { Bookmark, Pencil, Star, Trash2, Users, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "~/components/button";
import { Dialog } from "~/components/dialog";
import { Field, Input } from "~/components/field";
import { done } from "~/components/toast";
import { isNarrowed, type RunsSearch } from "./search";
import { type TeamView, useTeamViews } from "./team";
import type { useSavedViews } from "./views";

interface Props {
  search: RunsSearch;
  saved: ReturnType<typeof useSavedViews>;
  onChoose: (search: RunsSearch) => void;
}

/** Filters under a name: everybody's, and this browser's, of which one may be what the list opens with. */
export function SavedViews({ search, saved, onChoose }: Props) {
  const [asking, setAsking] = useState<"save" | { rename: TeamView } | { remove: TeamView }>();
  const team = useTeamViews();
  const same = (other: RunsSearch) => JSON.stringify(plain(other)) === JSON.stringify(plain(search));
  const some = saved.views.length > 0 || team.views.length > 0;
  const isNew = isNarrowed(search) && ![...saved.views, ...team.views].some((view) => same(view.search));
  if (!some && !isNew) return null;
  const close = () => setAsking(undefined);
  return (
    <div className="mb-4 flex flex-wrap items-center gap-1.5">
      {some && (
        <Chip on={!isNarrowed(search)} onClick={() => onChoose({})}>
          All runs
        </Chip>
      )}
      {team.views.map((view) => (
        <span key={view.id} className="inline-flex items-center">
          <TeamChip view={view} on={same(view.search)} />
          {same(view.search) && (
            <>
              <Small label={`Rename ${view.name}`} onClick={() => setAsking({ rename: view })}>
                <Pencil size={13} aria-hidden />
              </Small>
              <Small label={`Delete ${view.name}`} onClick={() => setAsking({ remove: view })}>
                <Trash2 size={13} aria-hidden />
              </Small>
            </>
          )}
        </span>
      ))}
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
        <Button size="small" look="quiet" onClick={() => setAsking("save")}>
          <Bookmark size={13} aria-hidden /> Save this view
        </Button>
      )}
      {asking === "save" && (
        <Naming
          title="Save this view"
          onClose={close}
          onTeam={(name) => team.save(name, search)}
          onOwn={(name) => saved.save(name, search)}
        />
      )}
      {typeof asking === "object" && "rename" in asking && (
        <Naming
          title={`Rename ${asking.rename.name}`}
          name={asking.rename.name}
          onClose={close}
          onTeam={(name) => team.rename(asking.rename, name)}
        />
      )}
      {typeof asking === "object" && "remove" in asking && (
        <Removing view={asking.remove} onClose={close} onRemove={() => team.remove(asking.remove)} />
      )}
    </div>
  );
}

interface NamingProps {
  title: string;
  name?: string;
  onClose: () => void;
  /** Have everybody see it; what was wrong, if something was. */
  onTeam: (name: string) => Promise<unknown>;
  /** Keep it here alone; left out where that is no choice. */
  onOwn?: (name: string) => void;
}

function Naming({ title, name: before = "", onClose, onTeam, onOwn }: NamingProps) {
  const [name, setName] = useState(before);
  const [own, setOwn] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const chosen = name.trim().slice(0, 60);
    if (!chosen || busy) return;
    if (own) onOwn?.(chosen);
    else {
      setBusy(true);
      const wrong = await onTeam(chosen);
      setBusy(false);
      setFailure(wrong);
      if (wrong) return;
      done(`${chosen} is saved for everybody`);
    }
    onClose();
  };
  return (
    <Dialog title={title} open onClose={onClose} failure={failure}>
      <form onSubmit={save} className="space-y-4">
        <Field label="Name">
          <Input value={name} onChange={(event) => setName(event.target.value)} maxLength={60} autoFocus />
        </Field>
        {onOwn && (
          <fieldset className="space-y-1.5">
            <legend className="mb-1 font-medium text-sm">Who sees it</legend>
            <Choice on={!own} onChoose={() => setOwn(false)}>
              Everybody of this project
            </Choice>
            <Choice on={own} onChoose={() => setOwn(true)}>
              Only this browser
            </Choice>
          </fieldset>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Not now</Button>
          <Button type="submit" look="primary" disabled={busy}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Choice({ on, onChoose, children }: { on: boolean; onChoose: () => void; children: React.ReactNode }) {
  return (
    <label className="flex items-center gap-2">
      <input type="radio" name="who" checked={on} onChange={onChoose} className="accent-accent" />
      {children}
    </label>
  );
}

interface RemovingProps {
  view: TeamView;
  onClose: () => void;
  onRemove: () => Promise<unknown>;
}

function Removing({ view, onClose, onRemove }: RemovingProps) {
  const [failure, setFailure] = useState<unknown>();
  const remove = async () => {
    const wrong = await onRemove();
    setFailure(wrong);
    if (wrong) return;
    done(`The view ${view.name} is gone`);
    onClose();
  };
  return (
    <Dialog
      title={`Delete the view ${view.name}?`}
      open
      onClose={onClose}
      failure={failure}
      footer={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button look="danger" onClick={remove}>
            Delete
          </Button>
        </>
      }
    >
      <p className="text-soft">
        It goes for everybody; {by(view.author)} saved it. No run is touched, and links to what it shows still work.
      </p>
    </Dialog>
  );
}

const CHIP =
  "inline-flex h-7 max-w-60 items-center gap-1.5 truncate rounded-md px-2.5 font-medium text-soft text-xs hover:bg-hover";

/** A link, so that it can be copied and opened beside this page. */
function TeamChip({ view, on }: { view: TeamView; on: boolean }) {
  return (
    <Link
      to="/runs"
      search={view.search}
      activeOptions={{ exact: true }}
      title={`Everybody's view, saved by ${by(view.author)} on ${view.created_at.slice(0, 10)}`}
      className={`${CHIP} ${on ? "bg-accent-bg text-accent no-underline" : ""}`}
    >
      <Users size={12} aria-hidden className="shrink-0" />
      <span className="truncate">{view.name}</span>
    </Link>
  );
}

function Chip({ on, onClick, children }: { on: boolean; onClick: () => void; children: React.ReactNode }) {
  return (
    <button
      type="button"
      onClick={onClick}
      aria-pressed={on}
      className={`${CHIP} aria-pressed:bg-accent-bg aria-pressed:text-accent`}
    >
      {children}
    </button>
  );
}

function by(author: string): string {
  return author.replace(/^[a-z]+:/, "");
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
