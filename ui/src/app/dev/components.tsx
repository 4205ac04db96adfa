import { useState } from "react";
import { Button } from "~/components/button";
import { Dialog } from "~/components/dialog";
import { Diff } from "~/components/diff";
import { Empty } from "~/components/empty";
import { Field, Input, Select, Switch } from "~/components/field";
import { Page } from "~/components/page";
import { Failure, Panel, Placeholder } from "~/components/panel";
import { State } from "~/components/state";
import { Table } from "~/components/table";
import { Tabs } from "~/components/tabs";
import { Duration, Time } from "~/components/time";
import { done, failed } from "~/components/toast";
import { STATES } from "~/lib/states";

const NOW = new Date();
const AGO = new Date(NOW.getTime() - 250_000).toISOString();

/** Every component as it looks; part of `./dev ui dev` only. */
export default function ComponentsPage() {
  const [tab, setTab] = useState<"one" | "two">("one");
  const [open, setOpen] = useState(false);
  const [on, setOn] = useState(true);
  return (
    <Page title="Components" lead="What pages are made of." actions={<Button look="primary">The one that acts</Button>}>
      <Panel title="States" padded>
        <div className="flex flex-wrap gap-2">
          {STATES.map((state) => (
            <State key={state} state={state} />
          ))}
        </div>
      </Panel>
      <Panel title="Buttons and fields" padded>
        <div className="flex flex-wrap items-end gap-3">
          <Button>Plain</Button>
          <Button look="danger">Danger</Button>
          <Button look="quiet">Quiet</Button>
          <Button size="small">Small</Button>
          <Button onClick={() => setOpen(true)}>Dialog</Button>
          <Button onClick={() => done("Run started")}>Done</Button>
          <Button onClick={() => failed(new TypeError())}>Not done</Button>
          <Field label="Text" hint="What it is for">
            <Input placeholder="e.g. 12" />
          </Field>
          <Field label="Wrong" error="must be a number">
            <Input aria-invalid defaultValue="twelve" />
          </Field>
          <Field label="Choice">
            <Select>
              <option>one</option>
              <option>two</option>
            </Select>
          </Field>
          <Switch label="Schedule" on={on} onChange={setOn} />
        </div>
      </Panel>
      <Tabs
        label="Tabs"
        current={tab}
        onChange={setTab}
        tabs={[
          { key: "one", title: "One" },
          { key: "two", title: "Two" },
        ]}
      >
        <Panel title="Table" note={STATES.length}>
          <Table
            label="States"
            rows={STATES}
            id={(state) => state}
            columns={[
              { title: "Run", wide: true, cell: (state) => `load-${state}` },
              { title: "State", cell: (state) => <State state={state} /> },
              { title: "Started", align: "right", cell: () => <Time at={AGO} relative /> },
              { title: "Took", align: "right", optional: true, cell: () => <Duration from={AGO} /> },
            ]}
          />
        </Panel>
      </Tabs>
      <Panel title="Waiting, failed, empty">
        <Placeholder />
        <Failure error={{ status: 503, title: "Busy", detail: "the database is busy", fix: "try again" }} />
        <Empty title="Nothing is deployed yet" command="turnout apply" />
      </Panel>
      <Panel title="Diff">
        <Diff text={"--- a/load.py\n+++ b/load.py\n@@ -1,2 +1,2 @@\n-rows = 1\n+rows = 2\n print(rows)"} />
      </Panel>
      <Dialog
        title="A question"
        open={open}
        onClose={() => setOpen(false)}
        footer={<Button look="primary">Yes</Button>}
      >
        Shall it be so?
      </Dialog>
    </Page>
  );
}
