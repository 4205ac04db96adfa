import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "~/components/button";
import { Dialog } from "~/components/dialog";
import { Command, Empty } from "~/components/empty";
import { Loaded, Panel } from "~/components/panel";
import { type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import { done, failed } from "~/components/toast";
import { api, type Schemas } from "~/lib/api";
import { boot } from "~/lib/boot";

type Credential = Schemas["Credential"];

const KINDS: Record<string, string> = {
  session: "Browser",
  login: "Login link, not used yet",
  deploy: "Deploys from CI",
  admin: "Administrator's token",
  worker: "Token of workers",
};

export function Access() {
  const [revoking, setRevoking] = useState<Credential>();
  const credentials = api.useQuery("get", "/api/v1/credentials");
  const columns: Column<Credential>[] = [
    ...COLUMNS,
    {
      title: "Actions",
      hidden: true,
      align: "right",
      cell: (credential) =>
        isRevocable(credential) && (
          <Button size="small" look="danger" onClick={() => setRevoking(credential)}>
            Revoke<span className="sr-only"> {credential.name}</span>
          </Button>
        ),
    },
  ];
  return (
    <>
      <Panel title="Who can come in now" note={`you are ${boot.user}`}>
        <Loaded query={credentials}>
          {(rows) => (
            <Table
              label="Credentials"
              rows={rows}
              columns={columns}
              id={(credential) => credential.id}
              empty={<Empty title="Nobody but who holds a token file" />}
            />
          )}
        </Loaded>
      </Panel>
      <Panel title="Letting somebody in" padded>
        <p className="max-w-prose">
          A link logs one browser in, once, within ten minutes. Print one on the server's machine:
        </p>
        <Command>turnout login</Command>
        <p className="mt-4 max-w-prose text-soft">
          The tokens of the administrator and of workers are files in the server's data folder (admin.token,
          pool.*.token). To replace one, delete its file and start the server again.
        </p>
      </Panel>
      {revoking && <RevokeDialog credential={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  );
}

const COLUMNS: Column<Credential>[] = [
  {
    title: "Who",
    wide: true,
    cell: (credential) => (
      <>
        <span className="break-all font-medium">{credential.name}</span>
        {credential.kind === "deploy" && <span className="block text-soft text-xs">may {credential.scope}</span>}
      </>
    ),
  },
  { title: "What", cell: (credential) => KINDS[credential.kind] ?? credential.kind },
  {
    title: "Since",
    align: "right",
    optional: true,
    cell: (credential) => <Time at={credential.created_at} relative />,
  },
  { title: "Until", align: "right", cell: (credential) => <Time at={credential.expires_at} relative /> },
];

function RevokeDialog({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const queries = useQueryClient();
  const revoke = api.useMutation("delete", "/api/v1/credentials/{id}", {
    onSuccess: () => {
      done(`${credential.name} is out`);
      void queries.invalidateQueries();
      onClose();
    },
    onError: failed,
  });
  return (
    <Dialog
      title={`Revoke the access of ${credential.name}?`}
      open
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button
            look="danger"
            disabled={revoke.isPending}
            onClick={() => revoke.mutate({ params: { path: { id: credential.id } } })}
          >
            Revoke
          </Button>
        </>
      }
    >
      <p className="text-soft">
        It ends at once. {credential.kind === "session" && "If this is your own browser, you have to log in again."}
      </p>
    </Dialog>
  );
}

/** Tokens of files are published again by the server that has the file. */
function isRevocable({ kind }: Credential): boolean {
  return kind === "session" || kind === "login" || kind === "deploy";
}
