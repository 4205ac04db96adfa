import { Page } from "~/components/page";

export default function DeploymentPage() {
  return <Page title="Deployment">{null}</Page>;
}
