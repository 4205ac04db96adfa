import { useQueryClient } from "@tanstack/react-query";
import { Pencil, Plus, Trash2, Undo2 } from "lucide-react";
import { useState } from "react";
import { Button } from "~/components/button";
import { Dialog } from "~/components/dialog";
import { Empty } from "~/components/empty";
import { Names } from "~/components/facts";
import { Loaded, Panel } from "~/components/panel";
import { type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import { done, failed } from "~/components/toast";
import { api, here, type Schemas } from "~/lib/api";
import { VariableDialog } from "./variable-dialog";

type Variable = Schemas["StoredValue"];

const DECLARED = "turnout.yaml";
const KIND = { kind: "variable" };

export function Variables() {
  const [editing, setEditing] = useState<Variable | "new">();
  const [removing, setRemoving] = useState<Variable>();
  const variables = api.useQuery(
    "get",
    "/api/v1/values/{kind}",
    { params: { path: KIND, query: here } },
    { meta: { topics: ["values", "deployments"] } },
  );
  const drift = api.useQuery(
    "get",
    "/api/v1/drift",
    { params: { query: here } },
    { meta: { topics: ["values", "deployments"] } },
  );
  const overridden = new Set((drift.data ?? []).map(nameOfVariable));
  const drop = useDropOverride();
  const columns: Column<Variable>[] = [
    ...COLUMNS,
    {
      title: "Actions",
      hidden: true,
      align: "right",
      cell: (variable) => (
        <span className="flex justify-end">
          <IconButton label={`Change ${variable.name}`} icon={Pencil} onClick={() => setEditing(variable)} />
          {overridden.has(variable.name) ? (
            <IconButton label={`Back to turnout.yaml: ${variable.name}`} icon={Undo2} onClick={() => drop(variable)} />
          ) : (
            variable.changed_by !== DECLARED && (
              <IconButton label={`Remove ${variable.name}`} icon={Trash2} onClick={() => setRemoving(variable)} />
            )
          )}
        </span>
      ),
    },
  ];
  return (
    <>
      <Panel
        title="Variables"
        actions={
          <Button onClick={() => setEditing("new")}>
            <Plus size={14} aria-hidden /> Set a variable
          </Button>
        }
      >
        <Loaded query={variables}>
          {(rows) => (
            <Table
              label="Variables"
              rows={rows}
              columns={columns}
              id={(variable) => variable.name}
              empty={
                <Empty title="No variables yet">
                  Set one here, in a flow with <code>Variable.set</code>, or under <code>variables:</code> in
                  turnout.yaml. Parameters refer to those of the file as <code>$&#123;var:NAME&#125;</code>.
                </Empty>
              }
            />
          )}
        </Loaded>
      </Panel>
      {editing && (
        <VariableDialog
          variable={editing === "new" ? undefined : editing}
          declared={editing !== "new" && (editing.changed_by === DECLARED || overridden.has(editing.name))}
          known={variables.data ?? []}
          onClose={() => setEditing(undefined)}
        />
      )}
      {removing && <RemoveDialog variable={removing} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

const COLUMNS: Column<Variable>[] = [
  {
    title: "Name",
    cell: (variable) => <span className="block min-w-32 wrap-anywhere font-medium">{variable.name}</span>,
  },
  {
    title: "Value",
    wide: true,
    cell: (variable) => (
      <code className="line-clamp-3 break-all font-mono text-[0.8125rem]">{JSON.stringify(variable.content)}</code>
    ),
  },
  { title: "Tags", optional: true, cell: (variable) => <Names names={variable.tags} /> },
  {
    title: "Changed",
    optional: true,
    align: "right",
    cell: (variable) =>
      variable.changed_by === DECLARED ? (
        <span className="whitespace-nowrap text-soft">in turnout.yaml</span>
      ) : (
        <span className="whitespace-nowrap text-soft">
          <Time at={variable.changed_at} relative />, {variable.changed_by.replace(/^[a-z]+:/, "")}
        </span>
      ),
  },
];

/** The name of a variable that has another value than the repository says, in what the server tells of a difference. */
function nameOfVariable(outcome: Record<string, unknown>): string | undefined {
  const { kind, name } = outcome.override as { kind: string; name: string };
  return kind === "variable" ? name : undefined;
}

function useDropOverride(): (variable: Variable) => void {
  const queries = useQueryClient();
  const drop = api.useMutation("delete", "/api/v1/overrides", {
    onSuccess: () => {
      done("What turnout.yaml says holds again");
      void queries.invalidateQueries();
    },
    onError: failed,
  });
  return ({ name }) => drop.mutate({ params: { query: { ...here, kind: "variable", name } } });
}

function RemoveDialog({ variable, onClose }: { variable: Variable; onClose: () => void }) {
  const queries = useQueryClient();
  const remove = api.useMutation("delete", "/api/v1/values/{kind}/{name}", {
    onSuccess: () => {
      done(`${variable.name} is gone`);
      void queries.invalidateQueries();
      onClose();
    },
  });
  return (
    <Dialog
      title={`Remove ${variable.name}?`}
      open
      onClose={onClose}
      failure={remove.error}
      footer={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button
            look="danger"
            disabled={remove.isPending}
            onClick={() => remove.mutate({ params: { path: { ...KIND, name: variable.name }, query: here } })}
          >
            Remove
          </Button>
        </>
      }
    >
      <p className="text-soft">Flows that ask for it find nothing from then on.</p>
    </Dialog>
  );
}

function IconButton({ label, icon: Icon, onClick }: { label: string; icon: typeof Pencil; onClick: () => void }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={onClick}
      className="rounded p-1.5 text-faint hover:bg-hover hover:text-ink"
    >
      <Icon size={14} aria-hidden />
    </button>
  );
}
