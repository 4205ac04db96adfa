import { Page } from "~/components/page";

export default function CalendarPage() {
  return <Page title="Calendar">{null}</Page>;
}
