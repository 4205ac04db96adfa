import { Page } from "~/components/page";

export default function WhereItRunsPage() {
  return <Page title="Where it runs">{null}</Page>;
}
