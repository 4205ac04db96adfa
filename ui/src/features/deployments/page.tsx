import { Page } from "~/components/page";

export default function DeploymentsPage() {
  return <Page title="Deployments">{null}</Page>;
}
