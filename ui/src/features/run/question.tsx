import { Button } from "~/components/button";
import { Panel } from "~/components/panel";
import { beginning, type Misfit, type Schema, SchemaForm, useFormStore, type Values } from "~/components/schema-form";
import { Time } from "~/components/time";
import { done, failed } from "~/components/toast";
import { api, type Schemas } from "~/lib/api";

interface Props {
  run: Schemas["FlowRun"];
  question: Schemas["Question"];
}

/** What a paused run waits for, and the answer. */
export function QuestionForm({ run, question }: Props) {
  const params = { path: { id: run.id } };
  const answer = api.useMutation("post", "/api/v1/runs/{id}/resume");
  const check = api.useMutation("post", "/api/v1/runs/{id}/question/check");
  /** What is wrong with it; nothing, if it was sent. */
  const send = async (input: Values | null): Promise<readonly Misfit[]> => {
    try {
      const wrong = input ? await check.mutateAsync({ params, body: { input } }) : [];
      if (wrong.length > 0) return wrong;
      await answer.mutateAsync({ params, body: { input } });
      done("The run goes on");
    } catch (error) {
      failed(error);
    }
    return [];
  };
  const busy = answer.isPending || check.isPending;
  return (
    <Panel title="It waits for an answer" padded>
      {question.description && (
        <p className="mb-3 max-w-prose whitespace-pre-wrap break-words">{question.description}</p>
      )}
      {question.form ? (
        <Form key={question.key} schema={question.form as Schema} busy={busy} onSend={send} />
      ) : (
        <Button look="primary" disabled={busy} onClick={() => send(null)}>
          Let it go on
        </Button>
      )}
      {question.until && (
        <p className="mt-3 text-soft text-xs">
          It waits until <Time at={question.until} />, then it fails.
        </p>
      )}
    </Panel>
  );
}

interface FormProps {
  schema: Schema;
  busy: boolean;
  onSend: (values: Values) => Promise<readonly Misfit[]>;
}

function Form({ schema, busy, onSend }: FormProps) {
  const store = useFormStore(schema, beginning(schema));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!store.blocked && !busy) void onSend(store.state.value).then(store.setMisfits);
      }}
    >
      <SchemaForm store={store} />
      <Button type="submit" look="primary" className="mt-4" disabled={busy || Boolean(store.blocked)}>
        Answer
      </Button>
    </form>
  );
}
