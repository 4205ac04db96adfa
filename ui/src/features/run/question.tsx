import { Button } from "~/components/button";
import { Panel } from "~/components/panel";
import { beginning, type Schema, SchemaForm, useFormStore } from "~/components/schema-form";
import { Time } from "~/components/time";
import { done, failed } from "~/components/toast";
import { api, type Schemas } from "~/lib/api";

interface Props {
  run: Schemas["FlowRun"];
  question: Schemas["Question"];
}

/** What a paused run waits for, and the answer. */
export function QuestionForm({ run, question }: Props) {
  const answer = api.useMutation("post", "/api/v1/runs/{id}/resume", {
    onSuccess: () => done("The run goes on"),
    onError: failed,
  });
  const send = (input: Record<string, unknown> | null) =>
    answer.mutate({ params: { path: { id: run.id } }, body: { input } });
  return (
    <Panel title="It waits for an answer" padded>
      {question.description && (
        <p className="mb-3 max-w-prose whitespace-pre-wrap break-words">{question.description}</p>
      )}
      {question.form ? (
        <Form key={question.key} schema={question.form as Schema} busy={answer.isPending} onSend={send} />
      ) : (
        <Button look="primary" disabled={answer.isPending} onClick={() => send(null)}>
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
  onSend: (values: Record<string, unknown>) => void;
}

function Form({ schema, busy, onSend }: FormProps) {
  const store = useFormStore(schema, beginning(schema));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!store.blocked) onSend(store.state.value);
      }}
    >
      <SchemaForm store={store} />
      <Button type="submit" look="primary" className="mt-4" disabled={busy || Boolean(store.blocked)}>
        Answer
      </Button>
    </form>
  );
}
