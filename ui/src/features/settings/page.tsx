import { getRouteApi } from "@tanstack/react-router";
import { Page } from "~/components/page";
import { Tabs } from "~/components/tabs";
import { here } from "~/lib/api";
import { Access } from "./access";
import { Connections } from "./connections";
import type { SettingsTab } from "./search";
import { Secrets } from "./secrets";
import { Variables } from "./variables";

const route = getRouteApi("/settings");

const TITLES: { key: SettingsTab; title: string }[] = [
  { key: "variables", title: "Variables" },
  { key: "secrets", title: "Secrets" },
  { key: "connections", title: "Connections" },
  { key: "access", title: "Access" },
];

const PARTS = { variables: Variables, secrets: Secrets, connections: Connections, access: Access };

export default function SettingsPage() {
  const { tab = "variables" } = route.useSearch();
  const navigate = route.useNavigate();
  const Part = PARTS[tab];
  const where = here.environment === "production" ? here.project : `${here.project}, ${here.environment}`;
  return (
    <Page title="Settings" lead={`What runs of ${where} are given, and who can come in.`}>
      <Tabs
        label="Settings"
        tabs={TITLES}
        current={tab}
        onChange={(key) => navigate({ search: { tab: key === "variables" ? undefined : key } })}
      >
        <Part />
      </Tabs>
    </Page>
  );
}
