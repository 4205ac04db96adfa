import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Button } from "~/components/button";
import { Dialog } from "~/components/dialog";
import { Field, Input } from "~/components/field";
import { Failure } from "~/components/panel";
import { api, fetcher, here, type Schemas } from "~/lib/api";
import { count, counted } from "~/lib/format";
import { now } from "~/lib/now";
import { asked, isNarrowed, type RunsSearch } from "./search";
import { sumOf, totalOf } from "./total";

export type Action = Schemas["BulkBody"]["action"];
interface Props {
  action: Action;
  search: RunsSearch;
  onClose: () => void;
}

const WORDS = {
  cancel: { title: "Cancel runs", verb: "Cancel", done: "cancelled", what: "that wait or run" },
  retry: {
    title: "Re-run from failed",
    verb: "Re-run",
    done: "run again",
    what: "that failed, crashed or were cancelled",
  },
  delete: { title: "Delete runs", verb: "Delete", done: "deleted", what: "that are over" },
};
/** What is typed before more than so many runs are deleted. */
const WORD = "delete";
const MANY = 20;

interface Progress {
  done: number;
  refused: Schemas["Refusal"][];
  over: boolean;
  error?: unknown;
}

/** One action on all runs that match, not only those that are seen: first how many, then done portion by portion. */
export function BulkDialog({ action, search, onClose }: Props) {
  const [until] = useState(() => now().toISOString());
  const queries = useQueryClient();
  const where = { ...here, ...asked(search, Date.parse(until)), until };
  const preview = api.useQuery("get", "/api/v1/views/runs/count", { params: { query: { ...where, action } } });
  const [progress, setProgress] = useState<Progress>();
  const stop = useRef(false);
  const words = WORDS[action];
  const [typed, setTyped] = useState("");
  const many = preview.data !== undefined && (!preview.data.complete || sumOf(preview.data) > MANY);
  const meant = action !== "delete" || !(many || !isNarrowed(search)) || typed.trim() === WORD;
  const number = preview.data ? totalOf(preview.data) : undefined;
  const some = Object.keys(preview.data?.states ?? {}).length > 0 || preview.data?.complete === false;

  const run = async () => {
    let state: Progress = { done: 0, refused: [], over: false };
    setProgress(state);
    let after: string | null = null;
    do {
      const answer: { data?: Schemas["BulkOutcome"]; error?: unknown } = await fetcher
        .POST("/api/v1/views/runs/actions", { body: { ...where, action, after } })
        .catch((error: unknown) => ({ error }));
      if (!answer.data) {
        state = { ...state, over: true, error: answer.error };
        break;
      }
      after = answer.data.next;
      state = {
        ...state,
        done: state.done + answer.data.done,
        refused: [...state.refused, ...answer.data.refused].slice(0, 50),
      };
      setProgress(state);
    } while (after && !stop.current);
    setProgress({ ...state, over: true });
    void queries.invalidateQueries();
  };
  const close = () => {
    stop.current = true;
    onClose();
  };

  return (
    <Dialog
      title={words.title}
      open
      onClose={close}
      footer={
        progress ? (
          <Button onClick={close}>{progress.over ? "Close" : "Stop here"}</Button>
        ) : (
          <>
            <Button onClick={close}>Not now</Button>
            <Button look={action === "retry" ? "primary" : "danger"} disabled={!some || !meant} onClick={run}>
              {words.verb} {number ?? ""}
            </Button>
          </>
        )
      }
    >
      {progress ? (
        <Told progress={progress} words={words} />
      ) : preview.error ? (
        <Failure error={preview.error} />
      ) : (
        <>
          <p data-testid="bulk-count">
            {number === undefined
              ? "Counting…"
              : some
                ? `${number} runs ${words.what} match.`
                : `No run ${words.what} matches.`}
          </p>
          {some && <States counts={preview.data?.states ?? {}} />}
          {!isNarrowed(search) && some && (
            <p className="mt-3 rounded-lg bg-warn-bg px-3 py-2 text-warn">
              No filter is set: these are all runs of the project.
            </p>
          )}
          {action === "delete" && some && (
            <p className="mt-3">
              They are gone for good, with their tasks, logs and artifacts. The last run and the last completed run of
              each deployment are kept.
            </p>
          )}
          <p className="mt-3 text-soft">Runs that are made from now on are left alone.</p>
          {action === "delete" && some && (many || !isNarrowed(search)) && (
            <div className="mt-3">
              <Field label={`Type “${WORD}” to go on`}>
                <Input value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" />
              </Field>
            </div>
          )}
        </>
      )}
    </Dialog>
  );
}

function Told({ progress, words }: { progress: Progress; words: (typeof WORDS)[Action] }) {
  return (
    <div aria-live="polite">
      <p>
        {counted(progress.done, "run")} {words.done}
        {progress.over ? "." : " so far…"}
      </p>
      {progress.error !== undefined && <Failure error={progress.error} />}
      {progress.refused.length > 0 && (
        <ul className="mt-3 max-h-60 space-y-1 overflow-auto">
          {progress.refused.map((one) => (
            <li key={one.id} className="break-words">
              <span className="font-medium">{one.name}</span> <span className="text-soft">{one.why}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function States({ counts }: { counts: Record<string, number> }) {
  return (
    <p className="text-soft">
      {Object.entries(counts)
        .map(([state, number]) => `${count(number)} ${state}`)
        .join(", ")}
    </p>
  );
}
