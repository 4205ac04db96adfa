import { Page } from "~/components/page";

export default function RunsPage() {
  return <Page title="Runs">{null}</Page>;
}
